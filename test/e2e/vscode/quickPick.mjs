/** @file Page object for VS Code's quick input: the command palette, pick lists and input boxes. */
import { basename } from "node:path";
import { until } from "./until.mjs";

/** The quick input of one workbench. */
export class QuickPick {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.widget = page.locator(".quick-input-widget:visible");
    this.input = this.widget.locator("input:not([type=checkbox])").first();
  }

  /** What an input box or a pick list asks, whichever of title, prompt and placeholder it has. */
  async question() {
    await this.input.waitFor();
    const texts = await this.widget
      .locator(".quick-input-title, .quick-input-message")
      .allInnerTexts();
    return [...texts, (await this.input.getAttribute("placeholder")) ?? ""]
      .filter(Boolean)
      .join("\n");
  }

  /** The labels that show, from the top. */
  async labels() {
    await this.widget.locator(".monaco-list-row").first().waitFor();
    return this.widget
      .locator(".monaco-list-row .quick-input-list-entry .label-name")
      .allInnerTexts();
  }

  /** The row with exactly this label. @param {string} label */
  row(label) {
    const name = this.page.locator(".label-name").filter({ hasText: exactly(label) });
    return this.widget.locator(".monaco-list-row").filter({ has: name }).first();
  }

  /** Picks the row with exactly this label, narrowing the list to it first. @param {string} label */
  async choose(label) {
    await this.input.waitFor();
    await this.input.fill(label);
    await this.row(label).click();
  }

  /** Answers an input box. @param {string} text */
  async answer(text) {
    await this.input.waitFor();
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Answers VS Code's own file dialog. @param {string} path absolute */
  async answerFile(path) {
    await this.input.waitFor();
    // It writes its own suggestion once it has looked at the disk, over whatever stands there.
    await until("the file dialog's suggestion", async () => /^(\/|\w:)/.test(await this.input.inputValue({ timeout: 1000 })));
    // The dialog looks at the disk after every change, and ignores keys while it does.
    await until(`the file dialog to take ${path}`, async () => {
      if ((await this.widget.count()) === 0) return true;
      await this.input.fill(path, { timeout: 1000 });
      if ((await this.input.inputValue({ timeout: 1000 })) !== path) return false;
      // Enter takes the row that is marked, if one is: that of what stood there before, as long as the dialog looks at the disk.
      const marked = await this.widget.locator(".monaco-list-row.focused .label-name").allInnerTexts();
      if (marked.some((label) => label !== basename(path))) return false;
      await this.input.press("Enter", { timeout: 1000 });
      await this.widget.waitFor({ state: "hidden", timeout: 1000 });
      return true;
    });
  }

  async dismiss() {
    await until("the quick input to close", async () => {
      if ((await this.widget.count()) === 0) return true;
      await this.input.press("Escape");
      return false;
    });
  }

  /** Opens the command palette, or with another prefix than ">" what that stands for. @param {string} text */
  async open(text) {
    // The key is lost while the workbench is still starting, hence the repetition.
    await until("the quick input to open", async () => {
      if ((await this.widget.count()) > 0) return true;
      await this.page.keyboard.press("F1");
      await this.input.waitFor({ timeout: 1000 });
      return true;
    });
    await this.input.fill(text);
  }

  /** Whether the command palette offers a command with exactly this title, category included. @param {string} title */
  async offers(title) {
    await this.open(`>${title}`);
    try {
      await this.row(title).waitFor({ timeout: 1000 });
      return true;
    } catch {
      return false;
    } finally {
      await this.dismiss();
    }
  }

  /** Runs a command from the palette. @param {string} title its title with the category, as in "File: Save" */
  async run(title) {
    await this.open(`>${title}`);
    await this.row(title).click();
  }
}

/** @param {string} text */
export function exactly(text) {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
}
