/** @file Page object for the VS Code workbench: opens it in Chromium and does what a person does there. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ensureChromium } from "../../../scripts/vscode/debianPackages.mjs";
import { openContextMenu } from "./contextMenu.mjs";
import { Explorer } from "./explorer.mjs";
import { exactly, QuickPick } from "./quickPick.mjs";
import { until } from "./until.mjs";

const screenshots = fileURLToPath(new URL("../../../test-output/screenshots/", import.meta.url));

/** VS Code's four kinds of theme: the theme that stands for each, and the class the workbench then carries. */
export const themes = {
  dark: { name: "Default Dark Modern", class: "vs-dark" },
  light: { name: "Default Light Modern", class: "vs" },
  highContrast: { name: "Default High Contrast", class: "hc-black" },
  highContrastLight: { name: "Default High Contrast Light", class: "hc-light" },
};

const browserArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens the workbench of `server` in a Chromium without a window.
 * Resolves once the command palette offers `command`: from then on the extension's menus are there too.
 *
 * @param {Awaited<ReturnType<typeof import("./server.mjs").startServer>>} server
 * @param {{ command?: string, viewport?: { width: number, height: number }, args?: string[] }} [options]
 *   `command` is a title with its category; without it nothing beyond the workbench itself is waited for
 */
export async function openWorkbench(
  server,
  { command, viewport = { width: 1280, height: 800 }, args = [] } = {},
) {
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: [...browserArguments, ...args],
  });
  try {
    const context = await browser.newContext({
      viewport,
      locale: "en-US",
      reducedMotion: "reduce",
    });
    const workbench = new Workbench(server, await context.newPage());
    await workbench.load();
    if (command) await workbench.waitForCommand(command);
    return workbench;
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** One workbench in one browser of its own. */
export class Workbench {
  /** @param {Parameters<typeof openWorkbench>[0]} server @param {import("playwright-core").Page} page */
  constructor(server, page) {
    this.server = server;
    this.page = page;
    this.quickPick = new QuickPick(page);
    this.explorer = new Explorer(page);
    this.settingsChanges = 0;
    /** What pages and webviews have written to the console, as "type: text <address>", and what they threw. @type {string[]} */
    this.console = [];
    page.on("console", (message) => this.console.push(`${message.type()}: ${message.text()} <${message.location().url}>`));
    page.on("pageerror", (error) => this.console.push(`uncaught: ${error.stack ?? error.message}`));
  }

  /** Loads the workbench, or loads it again, as "Developer: Reload Window" does. */
  async load() {
    await this.page.goto(this.server.url, { waitUntil: "domcontentloaded" });
    await this.page
      .locator(".monaco-workbench .statusbar-item")
      .first()
      .waitFor({ timeout: 60_000 });
  }

  /**
   * Loads the workbench again, once VS Code has stored its open editors: in a browser it does that when the page is hidden.
   *
   * @param {string} stored a word of what must be stored before, such as a webview's state
   */
  async reload(stored) {
    await this.page.evaluate(() => {
      document.hasFocus = () => false;
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await until(`"${stored}" in VS Code's storage`, () => this.page.evaluate(isStored, stored));
    await this.load();
  }

  /** Waits until the palette offers a command. @param {string} title */
  async waitForCommand(title) {
    await until(`the command "${title}" in the palette`, () => this.quickPick.offers(title), {
      timeout: 60_000,
    });
  }

  /** Runs a command from the palette. @param {string} title with its category, as in "File: Save" */
  async runCommand(title) {
    await this.quickPick.run(title);
  }

  /** Opens a file of the workspace from the Explorer, to stay. @param {string} path relative to the workspace */
  async openFile(path) {
    const row = await this.explorer.row(path);
    await row.dblclick();
    await this.tab(path.split("/").pop() ?? path).waitFor();
  }

  /** The editor tab with exactly this label. @param {string} label */
  tab(label) {
    // The newer VS Code splits a file's name from its suffix inside this container.
    const name = this.page
      .locator(".monaco-icon-label-container")
      .filter({ hasText: exactly(label) });
    return this.page.locator(".tabs-container .tab").filter({ has: name }).first();
  }

  /** Right-clicks on a file or folder in the Explorer. @param {string} path */
  async explorerContextMenu(path) {
    return openContextMenu(await this.explorer.row(path));
  }

  /** Right-clicks on an editor's tab. @param {string} label */
  async tabContextMenu(label) {
    return openContextMenu(this.tab(label));
  }

  /** Right-clicks in the text of the active editor. */
  async editorContextMenu() {
    return openContextMenu(this.page.locator(".editor-group-container.active .view-lines").first());
  }

  /**
   * The webview's own frame: the visible one that holds `selector`, which a webview keeps two iframes deep.
   *
   * @param {string} selector
   * @param {{ timeout?: number }} [options]
   */
  async webview(selector, options) {
    return until(
      `a webview with ${selector}`,
      async () => {
        for (const frame of this.page.frames()) {
          if (frame === this.page.mainFrame() || frame.isDetached()) continue;
          const root = await frame.$(selector).catch(() => null);
          const element = root && (await frame.frameElement().catch(() => null));
          if (element && (await element.isVisible())) return frame;
        }
        return undefined;
      },
      options,
    );
  }

  /** The texts of the notifications that show. */
  async notifications() {
    return this.page
      .locator(".notifications-toasts .notification-list-item-message")
      .allInnerTexts();
  }

  /** Waits for a notification and returns its text. @param {RegExp} pattern */
  async waitForNotification(pattern) {
    const matching = async () => (await this.notifications()).find((text) => pattern.test(text));
    return until(`a notification like ${pattern}`, matching);
  }

  /**
   * Waits for a notification in the list of all, and clears the list. For what comes right after others: VS Code brings no more than three up by themselves within 800 ms, which a person never sees and a test does.
   *
   * @param {RegExp} pattern
   */
  async waitForKeptNotification(pattern) {
    const center = this.page.locator(".notifications-center.visible");
    await until(`a notification like ${pattern} in the list`, async () => {
      if (!(await center.isVisible())) await this.page.locator("#status\\.notifications a").click({ timeout: 2000 });
      return (await center.locator(".notification-list-item-message").allInnerTexts()).some((text) => pattern.test(text));
    });
    await center.locator(".codicon-notifications-clear-all").click();
    await center.waitFor({ state: "hidden" });
  }

  /** Presses a button of the notifications that show. @param {string} label */
  async pressNotificationButton(label) {
    await this.page
      .locator(".notifications-toasts")
      .getByRole("button", { name: label, exact: true })
      .first()
      .click();
  }

  /**
   * The errors of an extension's webviews in the console: those whose text, place or stack names the extension, as the addresses of its pages and files do.
   *
   * @param {string} id
   */
  complaints(id) {
    return this.console.filter((line) => /^(error|uncaught): /.test(line) && line.includes(id));
  }

  /** The texts in the status bar, from the left. */
  async statusBar() {
    const texts = await this.page.locator(".statusbar-item:visible").allInnerTexts();
    return texts.map((text) => text.trim()).filter(Boolean);
  }

  /**
   * Changes settings and waits until the workbench has taken them up, which its title tells; extensions then hear of them before anything that is done next.
   *
   * @param {Record<string, unknown>} changes
   */
  async changeSettings(changes) {
    const title = `settings ${++this.settingsChanges}`;
    await this.server.changeSettings({ ...changes, "window.title": title });
    await until(`the title "${title}"`, async () => (await this.page.title()).startsWith(title));
  }

  /** Switches the colour theme and waits until it shows. @param {keyof typeof themes} kind */
  async setTheme(kind) {
    const theme = themes[kind];
    await this.server.changeSettings({ "workbench.colorTheme": theme.name });
    await this.page.locator(`.monaco-workbench.${theme.class}`).waitFor();
  }

  /** Writes `test-output/screenshots/NAME.png` and returns its path. @param {string} name */
  async screenshot(name) {
    const path = join(screenshots, `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    // "disabled" shows menus and hovers as they are once they have faded in.
    await this.page.screenshot({ path, animations: "disabled" });
    return path;
  }

  /** Closes the browser. The server goes on. */
  async close() {
    await this.page.context().browser()?.close();
  }
}

/** In the page: whether a text stands in one of VS Code's databases. */
async function isStored(text) {
  const answer = (request) =>
    new Promise((done, fail) => Object.assign(request, { onsuccess: () => done(request.result), onerror: () => fail(request.error) }));
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    try {
      for (const store of database.objectStoreNames) {
        const values = await answer(database.transaction(store).objectStore(store).getAll());
        if (values.some((value) => typeof value === "string" && value.includes(text))) return true;
      }
    } finally {
      database.close();
    }
  }
  return false;
}
