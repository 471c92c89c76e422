/** @file Small drawn buttons, in the colour of the text around them. */
import { el } from "../element.js";

const paths = {
  pin: "M6 1h4l-.5 5L12 8.5V10H8.5v5h-1v-5H4V8.5L6.5 6z",
  before: "M10.5 3 11 3.7 6.6 8 11 12.3l-.5.7L5.4 8z",
  after: "M5.5 3 5 3.7 9.4 8 5 12.3l.5.7L10.6 8z",
  remove: "m8 7.3 3.6-3.6.7.7L8.7 8l3.6 3.6-.7.7L8 8.7l-3.6 3.6-.7-.7L7.3 8 3.7 4.4l.7-.7z",
} as const;

export type Icon = keyof typeof paths;

/** A button with a picture for a face; `label` is its name. */
export function iconButton(icon: Icon, label: string, press: () => void): HTMLButtonElement {
  const button = el("button", { type: "button", class: "icon", "data-icon": icon, title: label, "aria-label": label });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", width: "16", height: "16", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[icon]);
  svg.append(path);
  button.append(svg);
  button.addEventListener("click", press);
  return button;
}
