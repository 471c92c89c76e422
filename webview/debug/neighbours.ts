/** @file The labelled files nearest in the model's own features, as a strip of small pictures; one opens as a report or as an image. */
import type { ImagePreview } from "../../src/protocol/api.js";
import type { DebugReport, Neighbour } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { nameOf } from "./variants.js";

export interface NeighboursView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined): void;
  /** A picture came. */
  picture(file: string, picture: ImagePreview): void;
}

/** The strip. `open` is told which file, and as what. */
export function createNeighbours(open: (file: string, as: "report" | "image") => void): NeighboursView {
  const hint = el("p", { class: "hint" });
  const strip = el("ul", { id: "neighbours" });
  const element = el("section", { class: "near", hidden: true }, el("h2", {}, t("Nearest labelled files")), hint, strip);
  // Pictures may come before the report that names their files, and stay when it is made again.
  const pictures = new Map<string, ImagePreview>();
  const places = new Map<string, HTMLCanvasElement>();
  let shown: DebugReport | undefined;

  const card = (neighbour: Neighbour, report: DebugReport): HTMLElement => {
    const { file, label, similarity, isDuplicate } = neighbour;
    const name = nameOf(report, label);
    const canvas = el("canvas", { "aria-hidden": "true", "data-skeleton": true });
    places.set(file, canvas);
    const words = [name, t("similarity {value}", { value: numbers.scaled(similarity) }), ...(isDuplicate ? [t("nearly the same picture")] : [])];
    const report_ = el("button", { type: "button", class: "near-open", title: t("{name}: {action}", { name: file, action: t("Open its report") }), "aria-label": `${file}, ${words.join(", ")}. ${t("Open its report")}` }, canvas);
    const image = el("button", { type: "button", class: "link", "aria-label": t("{name}: {action}", { name: file, action: t("Open image") }) }, t("Open image"));
    report_.addEventListener("click", () => open(file, "report"));
    image.addEventListener("click", () => open(file, "image"));
    const isOf = label === report.true.index ? "true" : label === report.predicted.index ? "predicted" : "other";
    const made = el("li", { "data-file": file, "data-of": isOf }, report_,
      el("span", { class: "near-label", title: file }, name),
      el("span", { class: "near-facts" }, words[1] ?? ""), ...(isDuplicate ? [el("span", { class: "badge" }, words[2] ?? "")] : []), image);
    const known = pictures.get(file);
    if (known) void draw(canvas, known);
    return made;
  };

  return {
    element,
    update: (report) => {
      if (report === shown) return;
      shown = report;
      element.hidden = !report?.neighbours;
      places.clear();
      if (!report?.neighbours) return strip.replaceChildren();
      const { folder, searched, found } = report.neighbours;
      hint.textContent = found.length === 0 ? t("None of the {count} files in {folder} could be compared.", { count: searched, folder })
        : t("By the model's own features (cosine similarity), among {count} files in {folder}", { count: searched, folder });
      strip.replaceChildren(...found.map((neighbour) => card(neighbour, report)));
    },
    picture: (file, picture) => {
      pictures.set(file, picture);
      const canvas = places.get(file);
      if (canvas) void draw(canvas, picture);
    },
  };
}

const side = 96;

/** The picture, cut to a square. One that cannot be decoded leaves its place empty. */
async function draw(canvas: HTMLCanvasElement, { bytes, mime }: ImagePreview): Promise<void> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime })).catch(() => undefined);
  canvas.removeAttribute("data-skeleton");
  if (!bitmap) return;
  Object.assign(canvas, { width: 2 * side, height: 2 * side });
  const short = Math.min(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, (bitmap.width - short) / 2, (bitmap.height - short) / 2, short, short, 0, 0, canvas.width, canvas.height);
}
