/** @file Page object for an open context menu, submenus included. */
import { exactly } from "./quickPick.mjs";
import { until } from "./until.mjs";

/** Right-clicks on `target` and returns the menu that opens. @param {import("playwright-core").Locator} target */
export async function openContextMenu(target) {
  const menu = new ContextMenu(target.page(), 0, target);
  // One that still stands belongs to something else.
  await menu.close();
  await menu.wait();
  return menu;
}

/** One level of a context menu; level 0 is the menu itself, level 1 a submenu that is open beside it. */
export class ContextMenu {
  /** @param {import("playwright-core").Page} page @param {number} level @param {import("playwright-core").Locator} [target] what a right-click opens it on; for level 0 */
  constructor(page, level, target) {
    this.page = page;
    this.level = level;
    this.target = target;
    // VS Code draws its menus in an open shadow root, which these selectors see through.
    this.list = page.locator(".context-view .monaco-menu .actions-container").nth(level);
  }

  /** Waits until the menu stands. VS Code closes it when something else takes the focus, a panel that has just loaded for example: then it is opened anew. */
  async wait() {
    const first = this.list.locator("[role=menuitem]").first();
    await until("the context menu to open", async () => {
      if (!(await first.isVisible())) await this.target?.click({ button: "right", timeout: 5000 });
      await first.waitFor({ timeout: 3000 });
      return true;
    }, { timeout: 60_000 });
  }

  /** The entries from top to bottom, separators left out. */
  async items() {
    const entries = await this.list.locator(":scope > .action-item:has([role=menuitem])").all();
    return Promise.all(
      entries.map(async (entry) => {
        const item = entry.locator("[role=menuitem]").first();
        return {
          text: (await item.locator(".action-label").first().innerText()).trim(),
          hasSubmenu: (await item.getAttribute("aria-haspopup")) === "true",
          enabled: (await entry.getAttribute("class"))?.includes("disabled") === false,
        };
      }),
    );
  }

  /** The texts of `items`. */
  async texts() {
    return (await this.items()).map((item) => item.text);
  }

  /**
   * Walks through submenus by their texts and picks the last one, as in `choose("Whylight", "Explain image")`.
   * Resolves when the menu has closed.
   *
   * @param {...string} path
   */
  async choose(...path) {
    const [text, ...rest] = path;
    if (rest.length > 0) return (await this.submenu(text)).choose(...rest);
    await this.focus(text);
    // By key: for a moment after it opens, VS Code's menu ignores clicks.
    await this.page.keyboard.press("Enter");
    await this.page.locator(".context-view .monaco-menu").first().waitFor({ state: "hidden" });
  }

  /** Opens the submenu behind an entry. @param {string} text */
  async submenu(text) {
    const submenu = new ContextMenu(this.page, this.level + 1);
    await until(`the submenu "${text}" to open`, async () => {
      await this.focus(text);
      if (!(await submenu.list.isVisible())) await this.page.keyboard.press("ArrowRight");
      await submenu.list.waitFor({ timeout: 1000 });
      return true;
    });
    await submenu.wait();
    return submenu;
  }

  async close() {
    await until("the context menu to close", async () => {
      if ((await this.page.locator(".context-view .monaco-menu").count()) === 0) return true;
      await this.page.keyboard.press("Escape");
      return false;
    });
  }

  /** Points at an entry until the menu has taken note of it. A menu without the entry was opened on a row that has moved since, as rows do while a folder opens: it is opened anew. */
  async focus(text) {
    const label = this.page.locator(".action-label").filter({ hasText: exactly(text) });
    const entry = this.list.locator(":scope > .action-item").filter({ has: label }).first();
    await until(`the menu entry "${text}"`, async () => {
      if (this.target) await this.wait();
      if (this.target && (await entry.count()) === 0) {
        await this.close();
        return false;
      }
      await entry.hover({ timeout: 2000 });
      return (await entry.getAttribute("class"))?.split(" ").includes("focused");
    });
  }
}
