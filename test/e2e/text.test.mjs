/** @file Texts explained in two real VS Codes: colours on the reader's own characters, what is said about them, and what edits do to them. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest, oldest } from "../../scripts/vscode/builds.mjs";
import { fixture, readArrays } from "../unit/readReference.ts";
import { startServer } from "./vscode/server.mjs";
import { TextEditor } from "./vscode/textEditor.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

const command = "Whylight: Explain Text Prediction";
const model = "distilbert_tiny";

/** What PyTorch recorded of the model: the second and third of its texts. */
const recorded = readArrays(fixture("reference", model, "reference.safetensors"));
const { texts } = JSON.parse(readFileSync(fixture("reference", model, "reference.json"), "utf8"));
const [liked, disliked] = [texts[1], texts[2]];
/** "POSITIVE 61.2 %", by the recorded probabilities. */
const predicted = ({ key, pred }) => `${["NEGATIVE", "POSITIVE"][pred]} ${(100 * Number(recorded.get(`${key}/probs`).data[pred])).toFixed(1)} %`;

const lines = ["Reviews", liked.text, "nothing to see here", disliked.text, "the end"];

function textWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
  mkdirSync(join(folder, "model"));
  for (const name of ["model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]) cpSync(fixture("reference", model, name), join(folder, "model", name));
  writeFileSync(join(folder, "reviews.txt"), lines.join("\n"));
  writeFileSync(join(folder, "notes.md"), `# Films\n\n- *${liked.text}*\n`);
  writeFileSync(join(folder, "film.py"), `def review():\n    return "${liked.text}"\n`);
  writeFileSync(join(folder, "films.csv"), `title,review\r\nZ,${liked.text}\r\n`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

describe.each([oldest, newest])("code-server %s", (version) => {
  let workspace, server, workbench, editor;

  beforeAll(async () => {
    workspace = textWorkspace();
    // Marks of VS Code's own over the same words would hide what is looked for.
    const settings = { "editor.occurrencesHighlight": "off", "editor.selectionHighlight": false, "editor.minimap.enabled": false, "files.autoSave": "off", "whylight.text.method": "input-x-gradient" };
    server = await startServer({ version, vsix: "dist/whylight.vsix", workspace: workspace.folder, settings });
    workbench = await openWorkbench(server, { command });
    editor = new TextEditor(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    workspace?.remove();
  });

  const statusText = async () => (await workbench.statusBar()).find((text) => text.includes("Gradient") || text.includes("explain again")) ?? "";
  const clear = async () => {
    await workbench.runCommand("Whylight: Clear Text Explanations");
    await editor.paints([]);
  };
  /** The painted words of the first explained line, once there are some. */
  const painted = () => until("something to be painted", async () => {
    const now = await editor.painted();
    return now.length > 0 && now;
  }, { timeout: 60_000 });
  const isSubsequence = (part, whole) => {
    let at = 0;
    for (const word of whole) if (word === part[at]) at++;
    return at === part.length;
  };
  const wordsOf = (text) => text.match(/\w+|[^\w\s]/g);

  test("a selection's menu explains it: colours, the class behind its line, a lens, an icon and the status bar, and nothing is changed", async () => {
    await workbench.openFile("reviews.txt");
    await editor.select(2, 1, liked.text.length);
    const menu = await editor.contextMenu(liked.text);
    expect(await menu.texts()).toEqual(expect.arrayContaining(["Explain Text Prediction", "Inspect Attention"]));
    await workbench.screenshot(`${version}-text-menu`);
    await menu.choose("Explain Text Prediction");
    const words = (await painted()).map(({ text }) => text);
    expect(isSubsequence(words, wordsOf(liked.text)), words.join(" ")).toBe(true);
    expect(words.length).toBeGreaterThan(2);
    expect(await editor.tails()).toEqual([predicted(liked)]);
    await expect.poll(() => editor.lenses()).toEqual([`${predicted(liked)} · Input × Gradient | Clear | Another class… | Inspect attention`]);
    expect(await editor.gutterIcons()).toBe(1);
    // The selection would lie over the colours.
    await until("the selection to go", async () => !(await workbench.statusBar()).some((text) => text.includes("selected")));
    await expect.poll(statusText).toBe(`${predicted(liked)} · Input × Gradient`);
    expect(await editor.isDirty("reviews.txt")).toBe(false);
    expect(readFileSync(join(workspace.folder, "reviews.txt"), "utf8")).toBe(lines.join("\n"));
  });

  test("the hover tells value, rank, class and method as PyTorch recorded them", async () => {
    await workbench.changeSettings({ "whylight.text.unit": "token" });
    const values = [...recorded.get(`${liked.key}/pred/gradient_x_input/embedding_output`).data].map(Number);
    const norm = Math.hypot(...values);
    const shown = (value) => `${value < 0 ? "−" : "+"}${Number(Math.abs(value).toPrecision(3))}`;
    // Ranked among the tokens that stand for characters.
    const inText = values.map((value, i) => ({ value, token: liked.tokens[i] })).filter((_, i) => !liked.special_tokens_mask[i]);
    const order = inText.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const top = order[0];
    const spelling = liked.text.match(new RegExp(top.token, "i"))[0];
    await until("the tokens' colours", async () => (await editor.painted()).some(({ text }) => text === spelling));
    // After a menu by the right button the editor waits for the button to be let go, and shows no hover before.
    await workbench.page.locator(".view-line > span", { hasText: "the end" }).click();
    const hover = await editor.hover(spelling);
    expect(hover).toContain(`${spelling} ${shown(top.value / norm)} · speaks ${top.value > 0 ? "for" : "against"} ${["NEGATIVE", "POSITIVE"][liked.pred]}`);
    expect(hover).toContain(`rank 1 of ${inText.length} tokens · raw ${shown(top.value)}`);
    expect(hover).toContain(`${predicted(liked)} · Input × Gradient · model`);
    await workbench.screenshot(`${version}-text-hover`);
    await editor.leave();
    // The strongest has the strongest colour: blue against, orange for.
    const paint = (await editor.painted()).find(({ text }) => text === spelling);
    expect(paint.background).toBe(top.value > 0 ? "rgba(200, 92, 8, 0.58)" : "rgba(35, 112, 210, 0.58)");
  });

  test("edits elsewhere move it, an edit within takes it away, and undo brings it back", async () => {
    const before = await editor.painted();
    await editor.goTo(1, 1);
    await editor.type("My ");
    await workbench.page.keyboard.press("Enter");
    expect(await editor.painted()).toEqual(before);
    await editor.goTo(3, liked.text.length + 1);
    await editor.type(" Really.");
    expect(await editor.painted()).toEqual(before);
    await editor.goTo(3, 3);
    await editor.type("x");
    await editor.paints([]);
    await expect.poll(statusText).toBe("Text edited: explain again");
    await expect.poll(() => editor.lenses()).toEqual([]);
    expect(await editor.tails()).toEqual([]);
    await workbench.page.keyboard.press("Control+z");
    await editor.paints(before.map(({ text }) => text));
    expect(await editor.painted()).toEqual(before);
    await expect.poll(statusText).toBe(`${predicted(liked)} · Input × Gradient`);
  });

  test("the status bar explains an edited text again, as it is now", async () => {
    await editor.goTo(3, liked.text.length);
    await editor.type(" good");
    await editor.paints([]);
    await workbench.page.locator(".statusbar-item", { hasText: "Text edited" }).click();
    const words = (await painted()).map(({ text }) => text);
    expect(isSubsequence(words, wordsOf(liked.text.replace("!", " good!"))), words.join(" ")).toBe(true);
    await expect.poll(statusText).toMatch(/^(POSITIVE|NEGATIVE) [\d.]+ % · Input × Gradient$/);
    await clear();
  });

  test("another class, and the numbers as a table", async () => {
    await workbench.runCommand("File: Revert File");
    await until("the file as it was", async () => (await editor.lines())[1] === liked.text);
    await editor.goTo(2, 5);
    // Without a selection the line counts.
    await workbench.runCommand(command);
    await painted();
    await editor.pressLens("Another class…", async () => (await workbench.quickPick.widget.count()) > 0);
    await expect.poll(() => workbench.quickPick.question()).toContain("Explain Another Class");
    const other = ["NEGATIVE", "POSITIVE"][liked.other];
    await workbench.quickPick.choose(other);
    await until("the other class", async () => (await editor.tails())[0]?.startsWith(other));
    await workbench.page.locator(".statusbar-item", { hasText: "Input × Gradient" }).click();
    await expect.poll(() => workbench.quickPick.question()).toContain(other);
    await workbench.screenshot(`${version}-text-menu-of-explained`);
    await workbench.quickPick.choose("Values and details");
    await workbench.tab("Values of reviews.txt").waitFor();
    const sum = (key) => [...recorded.get(`${liked.key}/other/gradient_x_input/embedding_output${key}`).data].map(Number);
    const table = await until("the table", async () => {
      const all = await editor.lines();
      return all.some((line) => line.includes("rank  attribution")) && all;
    });
    const rows = table.slice(table.findIndex((line) => line.includes("rank  attribution")) + 1).filter((line) => /^ *\d+ /.test(line));
    const raw = rows.map((line) => Number(line.trim().split(/ +/)[2].replace("−", "-").replace("+", "")));
    const expected = sum("").filter((_, i) => !liked.special_tokens_mask[i]);
    expect(raw.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) expect(Math.abs(raw[i] - value)).toBeLessThanOrEqual(0.005 * Math.abs(value) + 1e-5);
    await workbench.screenshot(`${version}-text-values`);
    await workbench.page.keyboard.press("Control+w");
    await until("the file alone", async () => (await workbench.tab("Values of reviews.txt").count()) === 0);
    await clear();
  });

  test("several lie in one file, in every editor that shows it, and in every theme", async () => {
    await workbench.changeSettings({ "whylight.text.unit": "word" });
    for (const line of [2, 4]) {
      await editor.goTo(line);
      await workbench.runCommand(command);
      await until(`an explanation of line ${line}`, async () => (await editor.tails()).length === line / 2);
    }
    expect(await editor.tails()).toEqual([predicted(liked), predicted(disliked)]);
    const one = await editor.painted();
    for (const theme of ["light", "highContrast", "highContrastLight", "dark"]) {
      await workbench.setTheme(theme);
      // High contrast themes are told apart by lines too: solid for, dashed against.
      await until(`the colours of ${theme}`, async () => {
        const now = await editor.painted();
        return now.map(({ text }) => text).join() === one.map(({ text }) => text).join() && now.every(({ border }) => (border === "none") === !theme.startsWith("high"));
      });
      await workbench.screenshot(`${version}-text-${theme}`);
    }
    await workbench.changeSettings({ "whylight.text.scale": "red-yellow-green" });
    await until("the textbook's colours", async () => (await editor.painted()).length >= [...liked.tokens, ...disliked.tokens].length - 10 && (await editor.painted()).some(({ background }) => background === "rgba(20, 130, 60, 0.58)"));
    await workbench.screenshot(`${version}-text-red-yellow-green`);
    await workbench.changeSettings({ "whylight.text.scale": "blue-orange" });
    await editor.paints(one.map(({ text }) => text));
    await workbench.runCommand("View: Split Editor");
    await until("both editors painted", async () => (await editor.painted()).length === 2 * one.length);
    await workbench.runCommand("View: Close Editor");
    await editor.paints(one.map(({ text }) => text));
    // One that overlaps an older one takes its place.
    await editor.select(2, 1, 10);
    await workbench.runCommand(command);
    await until("the shorter one", async () => (await editor.tails()).length === 2 && (await editor.tails())[0] !== predicted(liked));
    await editor.pressLens("Clear", async () => (await editor.tails()).length === 1);
    expect(await editor.tails()).toEqual([predicted(disliked)]);
    await clear();
  });

  test("markdown, a source file, a line of a CSV with Windows' line ends, and an untitled text", async () => {
    for (const [file, line, column] of [["notes.md", 3, 4], ["film.py", 2, 13], ["films.csv", 2, 3]]) {
      await workbench.openFile(file);
      await editor.select(line, column, liked.text.length);
      await workbench.runCommand(command);
      await until(`${file} to be explained`, async () => (await editor.tails())[0] === predicted(liked));
      const words = (await editor.painted()).map(({ text }) => text);
      expect(isSubsequence(words, wordsOf(liked.text)), `${file}: ${words.join(" ")}`).toBe(true);
      expect(await editor.isDirty(file)).toBe(false);
      if (file === "film.py") await workbench.screenshot(`${version}-text-source`);
    }
    await workbench.runCommand("File: New Untitled Text File");
    await workbench.tab("Untitled-1").waitFor();
    await editor.type(`\n${liked.text}`);
    await workbench.runCommand(command);
    await until("the untitled text to be explained", async () => (await editor.tails())[0] === predicted(liked));
    // Back in a file that was left meanwhile, its colours are there.
    await workbench.tab("notes.md").click();
    await until("the first file's colours", async () => (await editor.tails())[0] === predicted(liked) && (await editor.painted()).length > 2);
  });
});
