/** @file Page object for the Explorer: finds the row of a file, opening the folders on the way. */
import { exactly } from "./quickPick.mjs";
import { until } from "./until.mjs";

/** The Explorer of one workbench. */
export class Explorer {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.tree = page.locator(".explorer-folders-view .monaco-list").first();
  }

  /** Brings the Explorer to the front if another view hides it. */
  async show() {
    await until("the Explorer", async () => {
      if (await this.tree.isVisible()) return true;
      await this.page
        .locator(".activitybar .action-item:has(.codicon-explorer-view-icon)")
        .first()
        .click();
      return false;
    });
    await this.tree.locator(".monaco-list-row").first().waitFor();
  }

  /**
   * The row of a file or folder of the workspace, scrolled into view.
   *
   * @param {string} path relative to the workspace, with "/"
   */
  async row(path) {
    await this.show();
    const names = path.split("/");
    for (const [depth, name] of names.entries()) {
      const row = await this.reveal(name, depth + 1);
      if (depth === names.length - 1) return row;
      await until(`the folder "${name}" to open`, async () => {
        if ((await row.getAttribute("aria-expanded")) === "true") return true;
        await row.click();
        return false;
      });
    }
    throw new Error("An empty path names no file.");
  }

  /** Rows outside the view do not exist, so the focus pages through the tree, round and round, until the row does. */
  async reveal(name, level) {
    const label = this.page.locator(".label-name").filter({ hasText: exactly(name) });
    const row = this.tree
      .locator(`.monaco-list-row[aria-level="${level}"]`)
      .filter({ has: label })
      .first();
    await until(`"${name}" in the Explorer`, async () => {
      if ((await row.count()) > 0) return true;
      if (!(await this.press("PageDown"))) await this.press("Home");
      return (await row.count()) > 0;
    });
    return row;
  }

  /** Presses a key in the tree; resolves to false when the focus stays, as it does at the tree's end. */
  async press(key) {
    const focused = this.tree.locator(".monaco-list-row.focused");
    const index = async () =>
      (await focused.count()) > 0 ? focused.first().getAttribute("data-index") : "";
    await this.tree.focus();
    const before = await index();
    await this.page.keyboard.press(key);
    return until("the focus to move", async () => (await index()) !== before, {
      timeout: 500,
    }).catch(() => false);
  }
}
