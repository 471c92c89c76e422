/** @file Page object for an explanation panel: what it shows, and what a person does in it. */
import { createHash } from "node:crypto";
import { until } from "./until.mjs";

/** The explanation panel that is in front in one workbench. */
export class ExplanationPanel {
  /** @param {import("./workbench.mjs").Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
  }

  /**
   * Waits until the panel in front shows all that is wanted, and returns its frame.
   *
   * @param {{ of?: string, state?: string | string[], method?: string, target?: string, runtime?: string, code?: string }} wanted
   *   `of` is how its title begins, as in "fish-1.jpg · scenes"; `code` is the failure's; the others are the page's data
   * @returns {Promise<import("playwright-core").Frame>}
   */
  async shows(wanted, { timeout = 60_000 } = {}) {
    const matches = ({ title, ...seen }) =>
      Object.entries(wanted).every(([name, value]) => (name === "of" ? title.startsWith(value) : [value].flat().includes(seen[name])));
    return until(
      `a panel with ${JSON.stringify(wanted)}`,
      async () => {
        const frame = await this.frame();
        const seen = await read(frame);
        if (matches(seen)) return frame;
        throw new Error(`it shows ${JSON.stringify(seen)}`);
      },
      { timeout, interval: 50 },
    );
  }

  /** The page in front, whatever it shows. */
  async frame() {
    return this.workbench.webview("#whylight", { timeout: 0 });
  }

  /** The page's data, its title, its footer and its failure. */
  async facts() {
    return read(await this.frame());
  }

  /** Picks from one of the drop-downs. @param {string} id @param {string} option */
  async choose(id, option) {
    const frame = await this.frame();
    await frame.locator(`#${id}`).click();
    await frame.locator(`#${id} vscode-option`, { hasText: option }).click();
  }

  /** Presses a button by its id. @param {string} id */
  async press(id) {
    await (await this.frame()).locator(`#${id}`).click();
  }

  /** A fingerprint of the picture's pixels. */
  async picture() {
    const frame = await this.frame();
    const pixels = await frame.locator("#map").evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
    return createHash("sha256").update(pixels).digest("hex");
  }

  /** Waits until the picture is another than `before`, and returns its fingerprint. @param {string} before */
  async pictureOtherThan(before) {
    return until("the picture to change", async () => {
      const now = await this.picture();
      return now !== before && now;
    });
  }

  /** Starts to note every state that the page goes through from now on; the returned function tells them. */
  async noteStates() {
    const frame = await this.frame();
    await frame.evaluate(() => {
      const root = document.querySelector("#whylight");
      const states = [];
      Object.assign(window, { notedStates: states });
      new MutationObserver(() => states.push(root.dataset.state)).observe(root, { attributeFilter: ["data-state"] });
    });
    return () => frame.evaluate(() => /** @type {any} */ (window).notedStates);
  }
}

/** @param {import("playwright-core").Frame} frame */
function read(frame) {
  return frame.evaluate(() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? "";
    const failure = document.querySelector("#failure:not([hidden])");
    return {
      ...document.querySelector("#whylight").dataset, title: text("#title"), footer: text("#facts"), selected: text('.prediction[aria-pressed="true"] .label'),
      code: failure?.dataset.code ?? "", failure: failure?.querySelector("p").textContent ?? "",
    };
  });
}
