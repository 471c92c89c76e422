/** @file Page object for a text editor: puts the cursor and the selection, and reads back what is painted on its characters. */
import { openContextMenu } from "./contextMenu.mjs";
import { until } from "./until.mjs";

/** The text editors of one workbench; what is typed goes to the one in front. */
export class TextEditor {
  /** @param {import("./workbench.mjs").Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
  }

  /** Puts the cursor before a column, both counted from 1. @param {number} line @param {number} [column] */
  async goTo(line, column = 1) {
    await this.workbench.quickPick.open(`:${line}:${column}`);
    // Until the place is understood, which takes a moment, Enter does nothing.
    await until("the quick input to close", async () => {
      if ((await this.workbench.quickPick.widget.count()) === 0) return true;
      await this.workbench.quickPick.input.press("Enter", { timeout: 1000 });
      return false;
    });
    await until(`the cursor in line ${line}, column ${column}`, async () => (await this.workbench.statusBar()).some((text) => text.startsWith(`Ln ${line}, Col ${column}`)));
  }

  /** Selects so many characters of a line from a column on. @param {number} line @param {number} column @param {number} length */
  async select(line, column, length) {
    await this.goTo(line, column);
    for (let i = 0; i < length; i++) await this.page.keyboard.press("Shift+ArrowRight");
    await until("the selection", async () => (await this.workbench.statusBar()).some((text) => text.includes(`(${length} selected)`)));
  }

  /** Right-clicks on a text of the editor in front; where the click is within the selection, the selection stays. @param {string} text */
  async contextMenu(text) {
    return openContextMenu(this.page.locator(".editor-group-container.active .view-line > span", { hasText: text }).first());
  }

  /** Types at the cursor, character by character as people do. @param {string} text */
  async type(text) {
    await this.page.keyboard.type(text);
  }

  /**
   * What is painted, from the top left: each stretch's text with its background, and its border style.
   * VS Code paints backgrounds in a layer of their own, so a stretch is the letters that take this extension's colour and lie over such a background.
   *
   * @returns {Promise<{ text: string, background: string, border: string }[]>}
   */
  async painted() {
    return this.page.evaluate(() => {
      const isPainted = (color) => color !== "rgba(0, 0, 0, 0)";
      const washes = [...document.querySelectorAll(".view-overlays .cdr[class*='ced-']")]
        .map((element) => ({ box: element.getBoundingClientRect(), style: getComputedStyle(element) })).filter(({ style }) => isPainted(style.backgroundColor));
      const stretches = [...document.querySelectorAll(".view-lines .view-line span > span[class*='ced-']")].flatMap((element) => {
        const box = element.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const under = washes.find((wash) => wash.box.left <= x && x <= wash.box.right && wash.box.top <= y && y <= wash.box.bottom);
        return under && element.textContent ? [{ text: element.textContent.replaceAll("\u00a0", " "), background: under.style.backgroundColor, border: under.style.borderTopStyle, x: box.x, y: box.y }] : [];
      });
      return stretches.toSorted((a, b) => a.y - b.y || a.x - b.x).map(({ text, background, border }) => ({ text, background, border }));
    });
  }

  /** Waits until these texts are painted, from the top left, and returns them with their colours. @param {readonly string[]} texts */
  async paints(texts) {
    return until(`${JSON.stringify(texts)} to be painted`, async () => {
      const painted = await this.painted();
      if (JSON.stringify(painted.map(({ text }) => text)) === JSON.stringify(texts)) return painted;
      throw new Error(`painted is ${JSON.stringify(painted.map(({ text }) => text))}`);
    }, { timeout: 60_000 });
  }

  /** The texts that this extension adds behind lines, from the top. */
  async tails() {
    return this.page.evaluate(() => {
      const added = [...document.querySelectorAll(".view-lines span[class*='ced-']")].map((element) => ({ content: getComputedStyle(element, "::after").content, y: element.getBoundingClientRect().y }));
      return added.filter(({ content }) => content !== "none").toSorted((a, b) => a.y - b.y).map(({ content }) => content.replace(/^"|"$/g, "").replaceAll("\u00a0", " "));
    });
  }

  /** The lines above texts, each with what stands in it. */
  async lenses() {
    return (await this.page.locator(".codelens-decoration").allTextContents()).map((text) => text.replaceAll("\u00a0", " ").trim()).filter(Boolean);
  }

  /**
   * Presses a part of the line above a text until it has an effect: the line is drawn anew when anything changes, and takes no click meanwhile.
   *
   * @param {string} title
   * @param {() => Promise<boolean>} hasWorked
   * @param {number} [index] which of several
   */
  async pressLens(title, hasWorked, index = 0) {
    const link = this.page.locator(".codelens-decoration a", { hasText: title }).nth(index);
    await until(`"${title}" to be pressed`, async () => {
      if (await hasWorked()) return true;
      await link.click({ timeout: 2000 });
      return until("its effect", hasWorked, { timeout: 2000 });
    });
  }

  /** How many icons of this extension stand in the gutters. */
  async gutterIcons() {
    return this.page.locator(".cgmr[class*='ced-']").count();
  }

  /** What the hover over a painted stretch says. @param {string} text @param {number} [index] which of several */
  async hover(text, index = 0) {
    const word = this.page.locator(".view-lines .view-line span > span[class*='ced-']", { hasText: new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) }).nth(index);
    // Tabs and buttons have hovers of their own kind.
    const hover = this.page.locator(".monaco-hover:not(.workbench-hover):visible").filter({ has: this.page.locator(".hover-contents") }).first();
    return until(`the hover over "${text}"`, async () => {
      await this.page.mouse.move(0, 0);
      await word.hover({ timeout: 2000 });
      await hover.waitFor({ timeout: 3000 });
      return (await hover.innerText()).replaceAll("\u00a0", " ");
    });
  }

  /** Takes the pointer and the hover away. */
  async leave() {
    await this.page.mouse.move(0, 0);
    await this.page.keyboard.press("Escape");
    await this.page.locator(".monaco-hover:not(.workbench-hover):visible").first().waitFor({ state: "hidden" });
  }

  /** The text of the editor in front, line by line as it shows. */
  async lines() {
    return this.page.evaluate(() => {
      const lines = [...document.querySelectorAll(".editor-group-container.active .view-lines .view-line")];
      return lines.toSorted((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y).map((line) => (line.textContent ?? "").replaceAll("\u00a0", " "));
    });
  }

  /** Whether the file has changes that are not saved. @param {string} label */
  async isDirty(label) {
    return ((await this.workbench.tab(label).getAttribute("class")) ?? "").split(" ").includes("dirty");
  }
}
