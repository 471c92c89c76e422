/** @file Making elements, with text that is never read as HTML. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and children; `true` gives an empty attribute, `false` and `undefined` none. */
export function el<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes?: Attributes, ...children: (Node | string)[]): HTMLElementTagNameMap[Tag];
export function el(tag: string, attributes?: Attributes, ...children: (Node | string)[]): HTMLElement;
export function el(tag: string, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  made.append(...children);
  return made;
}

/** A path of modules or nodes, which may break after its dots and slashes but in no number, and is read and copied as it is. */
export function breakable(path: string): (Node | string)[] {
  return path.split(/(?<=[./])(?=\D)/).flatMap((part, i) => (i === 0 ? [part] : [el("wbr"), part]));
}

/** Sets text only when it differs, so that screen readers and selections are not disturbed. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
