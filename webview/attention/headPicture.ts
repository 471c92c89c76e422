/** @file The head view: queries on the left, keys on the right, a line for every weight in the colour of its head. Lines are drawn on canvases that scroll with the tokens; hovering draws on one above. */
import { headColor } from "../../src/drawing/attention/palette.js";
import { el } from "../element.js";
import { freshContext, perFrame } from "./canvas.js";
import { barWidth, lineOpacity, meanWeights, rowHeight, type HeadLines, type PointedToken } from "./headLines.js";
import { createLineChunks } from "./lineChunks.js";
import { onThemeChange, theme } from "./theme.js";
import type { Label } from "./tokens.js";

export interface HeadPicture {
  readonly element: HTMLElement;
  /** Shows lines; `chosen` is the query that stays marked. `undefined` leaves the stage empty. */
  update(shown: HeadLines | undefined, chosen: number | undefined): void;
}

/** Of a weight beside a token. */
const numberWidth = 38;
/** Above and below the lists. */
const padding = 6;

/** The picture. `point` is told what is pointed at or has the focus, `choose` what was clicked. */
export function createHeadPicture(point: (at: PointedToken | undefined) => void, choose: (at: PointedToken) => void, names: { readonly from: string; readonly to: string }): HeadPicture {
  const lists = { from: el("div", { class: "tokens from", role: "listbox", "aria-label": names.from }), to: el("div", { class: "tokens to", role: "listbox", "aria-label": names.to }) };
  const gap = el("div", { class: "gap", "aria-hidden": "true" });
  const rows = el("div", { class: "head-rows" }, lists.from, gap, lists.to);
  const above = el("canvas", { class: "marks", "aria-hidden": "true" });
  const scroller = el("div", { class: "head-scroll" }, el("div", { class: "marks-holder" }, above), rows);
  const element = el("div", { id: "head-stage", class: "stage" },
    el("div", { class: "head-names", "aria-hidden": "true" }, el("span", {}, names.from), el("span", {}, names.to)), scroller);
  const chunks = createLineChunks(gap, scroller);
  let shown: HeadLines | undefined;
  let pointed: PointedToken | undefined;
  let chosen: number | undefined;
  let listed: readonly [readonly Label[], readonly Label[]] | undefined;

  const widths = new Map<HTMLElement, number>();
  /** The widest token of a list, for the numbers beside; measured once for each list of tokens. */
  const widest = (list: HTMLElement): number => {
    const known = widths.get(list) ?? [...list.children].reduce((most, token) => Math.max(most, (token as HTMLElement).offsetWidth), 0);
    widths.set(list, known);
    return known;
  };
  const tokenHeight = () => rowHeight(Math.max(shown?.rows.length ?? 0, shown?.columns.length ?? 0), scroller.clientHeight - 2 * padding);
  const spread = () => {
    rows.style.setProperty("--token-height", `${tokenHeight()}px`);
    return tokenHeight();
  };
  const option = (side: "from" | "to", index: number) => lists[side].children[index] as HTMLElement | undefined;

  function list(side: "from" | "to", labels: readonly Label[]): void {
    widths.delete(lists[side]);
    lists[side].replaceChildren(...labels.map(({ text, special }, i) => el("div", { role: "option", class: special ? "token special" : "token", "data-index": i, tabindex: i === 0 ? 0 : -1, "aria-selected": "false", title: text }, text)));
  }

  const drawAbove = perFrame(() => {
    const { clientWidth: width, clientHeight: height, scrollTop } = scroller;
    const context = freshContext(above, width, height);
    if (!context || !shown || !pointed) return;
    context.translate(0, -scrollTop);
    drawPointed(context, shown, pointed, { top: scrollTop, bottom: scrollTop + height });
  });

  function drawPointed(context: CanvasRenderingContext2D, { lines, least, heads, active, strength, columns: keys }: HeadLines, at: PointedToken, view: { top: number; bottom: number }): void {
    const { kind, ink, font } = theme();
    const [left, right] = [gap.offsetLeft, gap.offsetLeft + gap.offsetWidth];
    const [top, height] = [rows.offsetTop + gap.offsetTop, tokenHeight()];
    const middle = (row: number) => top + (row + 0.5) * height;
    const on = new Set(active);
    const others = new Set<number>();
    context.lineWidth = 2;
    for (let i = 0; i < lines.weight.length && lines.weight[i]! >= least; i++) {
      if (lines[at.side][i] !== at.index || !on.has(lines.head[i]!)) continue;
      others.add(at.side === "from" ? lines.to[i]! : lines.from[i]!);
      context.strokeStyle = headColor(lines.head[i]!, kind);
      // Alone on the stage a line may be as strong as its weight, not only its share among all heads.
      context.globalAlpha = lineOpacity(lines.weight[i]!, Math.max(1, strength));
      context.beginPath();
      context.moveTo(left, middle(lines.from[i]!));
      context.lineTo(right, middle(lines.to[i]!));
      context.stroke();
    }
    context.globalAlpha = 1;
    const means = meanWeights({ heads, active }, at);
    const isFrom = at.side === "from";
    const edge = isFrom ? right + widest(lists.to) + 6 : left - widest(lists.from) - 6;
    const width = barWidth((isFrom ? scroller.clientWidth - edge : edge) - numberWidth - 4, active.length);
    context.font = `12px ${font}`;
    context.textBaseline = "middle";
    context.textAlign = isFrom ? "left" : "right";
    for (const other of others) {
      const y = middle(other);
      if (y < view.top || y > view.bottom) continue;
      context.fillStyle = ink;
      context.fillText(means[other]!.toFixed(3), edge, y);
      if (width > 0) active.forEach((head, i) => {
        const grid = heads[head]!;
        context.globalAlpha = Math.min(1, grid.data[isFrom ? at.index * keys.length + other : other * keys.length + at.index]!);
        context.fillStyle = headColor(head, kind);
        const x = edge + (isFrom ? numberWidth + i * width : -numberWidth - (i + 1) * width);
        context.fillRect(x, y - 7, width - 1, 14);
      });
      context.globalAlpha = 1;
    }
  }

  function mark(next: PointedToken | undefined): void {
    if (next?.side === pointed?.side && next?.index === pointed?.index) return;
    if (pointed) option(pointed.side, pointed.index)?.classList.remove("pointed");
    pointed = next;
    if (pointed) option(pointed.side, pointed.index)?.classList.add("pointed");
    gap.toggleAttribute("data-dimmed", pointed !== undefined);
    drawAbove();
    point(pointed);
  }

  const pointedBy = (event: Event): PointedToken | undefined => {
    const token = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".token") : null;
    return token ? { side: token.parentElement === lists.from ? "from" : "to", index: Number(token.dataset["index"]) } : undefined;
  };
  const focusOn = (side: "from" | "to", index: number) => {
    const to = option(side, Math.min(lists[side].childElementCount - 1, Math.max(0, index)));
    for (const token of lists[side].querySelectorAll('[tabindex="0"]')) token.setAttribute("tabindex", "-1");
    to?.setAttribute("tabindex", "0");
    to?.focus();
  };

  rows.addEventListener("pointermove", (event) => mark(pointedBy(event) ?? focused()));
  rows.addEventListener("pointerleave", () => mark(focused()));
  rows.addEventListener("focusin", (event) => mark(pointedBy(event)));
  rows.addEventListener("focusout", () => mark(undefined));
  rows.addEventListener("click", (event) => {
    const at = pointedBy(event);
    if (at) choose(at);
  });
  rows.addEventListener("keydown", (event) => {
    const at = pointedBy(event);
    if (!at) return;
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) focusOn(at.side, at.index + step);
    else if (event.key === "ArrowRight" && at.side === "from") focusOn("to", at.index);
    else if (event.key === "ArrowLeft" && at.side === "to") focusOn("from", at.index);
    else if (event.key === "Enter" || event.key === " ") choose(at);
    else if (event.key === "Escape") (event.target as HTMLElement).blur();
    else return;
    event.preventDefault();
  });
  scroller.addEventListener("scroll", () => {
    chunks.draw();
    if (pointed) drawAbove();
  });
  new ResizeObserver(() => {
    widths.clear();
    chunks.resize(spread());
    drawAbove();
  }).observe(scroller);
  onThemeChange(() => {
    chunks.resize(spread());
    drawAbove();
  });

  /** A token that keyboard users stand on; the one that a click focused is left when the pointer leaves. */
  function focused(): PointedToken | undefined {
    const token = document.activeElement;
    if (!(token instanceof HTMLElement) || !token.matches(".token:focus-visible") || !rows.contains(token)) return undefined;
    return { side: token.parentElement === lists.from ? "from" : "to", index: Number(token.dataset["index"]) };
  }

  return {
    element,
    update: (next, nextChosen) => {
      if (next && (next.rows !== listed?.[0] || next.columns !== listed[1])) {
        list("from", next.rows);
        list("to", next.columns);
        listed = [next.rows, next.columns];
        pointed = undefined;
        gap.removeAttribute("data-dimmed");
      }
      if (chosen !== undefined) option("from", chosen)?.setAttribute("aria-selected", "false");
      if (nextChosen !== undefined) option("from", nextChosen)?.setAttribute("aria-selected", "true");
      chosen = nextChosen;
      if (next === shown) return;
      shown = next;
      chunks.show(next, spread());
      drawAbove();
    },
  };
}
