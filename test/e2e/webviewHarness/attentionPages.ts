/** @file Page object of the attention page: opens it on a scene, and does and reads what people do and read. */
import type { AttentionState, AttentionSummary } from "../../../src/protocol/attention.js";
import { startHarness, type Harness, type PanelPage } from "./panelPage.js";
import type { Scene } from "./syntheticAttention.js";
import type { ThemeKind } from "./themes.js";

export const attentionInputs = { text: { kind: "text", text: "the film was not good" }, image: { kind: "image", path: "file:///workspace/images/cat.jpg" } } as const;

const kindOf = (scene: Scene) => (scene === "vit" || scene === "swin" ? "image" : "text");

/** Browsers for texts and for images, started when they are first needed, and the page that is open. */
export class AttentionPages {
  readonly #harnesses = new Map<"text" | "image", Harness>();
  #open: PanelPage | undefined;
  /** The tables of the view that is shown. */
  readonly table = "#view-table > :not([hidden])";
  readonly keysHeading = `${this.table} .keys-heading`;

  get open(): PanelPage {
    if (!this.#open) throw new Error("no page is open");
    return this.#open;
  }

  get page() {
    return this.open.page;
  }

  async harness(kind: "text" | "image"): Promise<Harness> {
    const harness = this.#harnesses.get(kind) ?? (await startHarness({ page: "attention", model: "file:///workspace/models/sentiment.onnx", input: attentionInputs[kind] }, "./fakeAttentionHost.ts"));
    this.#harnesses.set(kind, harness);
    return harness;
  }

  /** The page before anything has been computed. */
  async start(kind: "text" | "image", theme: ThemeKind = "vscode-dark", strings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#open = await (await this.harness(kind)).open(theme, { width: 1240, height: 900 }, strings);
  }

  async show(scene: Scene, theme?: ThemeKind, summary: Partial<AttentionSummary> = {}, strings?: Readonly<Record<string, string>>): Promise<void> {
    await this.start(kindOf(scene), theme, strings);
    await this.page.evaluate(([of, change]) => window.fakeAttention.show(of, change), [scene, summary] as const);
    await this.page.locator('#whylight:is([data-state="done"], [data-state="empty"])').waitFor();
  }

  /** Closes the page and answers what the browser complained about. */
  async close(): Promise<readonly string[]> {
    const { complaints, page } = this.open;
    await page.context().close();
    return complaints;
  }

  async end(): Promise<void> {
    for (const harness of this.#harnesses.values()) await harness.close();
  }

  root = () => this.page.locator("#whylight");
  text = (selector: string) => this.page.locator(selector).textContent();
  calls = (name?: string) => this.page.evaluate((only) => window.fakeAttention.calls.filter((call) => only === undefined || call.name === only), name);
  weight = (scene: Scene, layer: number, head: number, query: number, key: number) => this.page.evaluate((args) => window.fakeAttention.weight(...args), [scene, layer, head, query, key] as const);
  state = (change: Partial<AttentionState>) => this.page.evaluate((next) => window.fakeAttention.state(next), change);

  async view(id: string): Promise<void> {
    await this.page.locator(`#view-${id}`).click();
    await this.page.locator(`#whylight[data-view="${id}"]:is([data-state="done"], [data-state="empty"])`).waitFor();
  }

  async choose(id: string, option: string): Promise<void> {
    await this.page.locator(`#${id}`).click();
    await this.page.locator(`#${id} vscode-option`, { hasText: option }).first().click();
  }

  async type(id: string, value: string): Promise<void> {
    await this.page.locator(`#${id}`).fill(value);
    await this.page.keyboard.press("Enter");
  }

  /** The middle of a cell of the heatmap: by default one of the sentence's 14 rows and columns. */
  async cell(row: number, column: number, count = 14): Promise<{ x: number; y: number }> {
    const box = await this.page.locator("#matrix, #average").locator("visible=true").boundingBox();
    if (!box) throw new Error("no heatmap here");
    const edges = await this.page.evaluate(() => {
      const canvas = [...document.querySelectorAll<HTMLCanvasElement>("#matrix, #average")].find((one) => one.offsetParent !== null);
      const context = canvas?.getContext("2d");
      if (!canvas || !context) return [0, 0, 0, 0];
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      // Labels are grey; every cell's colour is not.
      const isCell = (i: number) => data[i + 3] === 255 && Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) - Math.min(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) > 40;
      let [left, top, right, bottom] = [width, height, 0, 0];
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        if (!isCell(4 * (y * width + x))) continue;
        [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
      }
      return [left, top, right, bottom];
    });
    const [left = 0, top = 0, right = 0, bottom = 0] = edges;
    return { x: box.x + left + ((column + 0.5) * (right - left)) / count, y: box.y + top + ((row + 0.5) * (bottom - top)) / count };
  }
}
