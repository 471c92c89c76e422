/** @file Page objects for the view "Models" and for a model's page. */
import { openContextMenu } from "./contextMenu.mjs";
import { exactly } from "./quickPick.mjs";
import { until } from "./until.mjs";

/** The view in the side bar of one workbench. */
export class ModelsView {
  /** @param {import("./workbench.mjs").Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
    this.rows = this.page.locator(".sidebar .customview-tree .monaco-list-row");
  }

  /** Brings the view to the front. */
  async show() {
    await until("the view of models", async () => {
      // The tree itself is hidden where there is no model.
      if (await this.page.locator(".part.sidebar .composite.title").getByText("Whylight").first().isVisible()) return true;
      await this.page.locator('.activitybar .action-item a[aria-label^="Whylight"]').first().click({ timeout: 2000 });
      return false;
    });
  }

  /** What each row says to those who do not see it, from the top. */
  async spoken() {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
  }

  /** The row of a model or fact, by how it begins. @param {string} label */
  row(label) {
    const name = this.page.locator(".label-name").filter({ hasText: exactly(label) });
    return this.rows.filter({ has: name }).first();
  }

  /** Unfolds a model. @param {string} label */
  async unfold(label) {
    await until(`"${label}" to unfold`, async () => {
      const row = this.row(label);
      if ((await row.getAttribute("aria-expanded", { timeout: 2000 })) === "true") return true;
      await row.locator(".monaco-tl-twistie").click({ timeout: 2000 });
      return false;
    });
  }

  /** Presses one of the buttons that show on a row. @param {string} label @param {string} action */
  async press(label, action) {
    const row = this.row(label);
    await row.hover();
    await row.locator(`.actions a[aria-label^="${action}"]`).first().click();
  }

  /** @param {string} label */
  async menu(label) {
    return openContextMenu(this.row(label));
  }
}

/** The page of a model that is in front. */
export class ModelPage {
  /** @param {import("./workbench.mjs").Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
  }

  /** Waits until the page in front shows a model in a state, and returns its frame. @param {string} name @param {Record<string, string>} [wanted] */
  async shows(name, wanted = { state: "done" }) {
    return until(`the page of ${name} with ${JSON.stringify(wanted)}`, async () => {
      const frame = await this.workbench.webview("#whylight.model", { timeout: 0 });
      const seen = await frame.evaluate(() => ({ ...document.querySelector("#whylight").dataset, title: document.querySelector("#title").textContent }));
      if (seen.title.startsWith(`${name} · `) && Object.entries(wanted).every(([key, value]) => seen[key] === value)) return frame;
      throw new Error(`it shows ${JSON.stringify(seen)}`);
    }, { timeout: 60_000 });
  }
}
