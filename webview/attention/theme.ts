/** @file The theme's colours for what is drawn on a canvas, which no style sheet reaches, and word of their change. */

export interface Theme {
  readonly kind: "light" | "dark";
  readonly font: string;
  readonly ink: string;
  readonly dim: string;
  readonly paper: string;
  readonly line: string;
  /** The mark of what is pointed at, and of what was chosen. */
  readonly active: { readonly paper: string; readonly ink: string };
  readonly chosen: { readonly paper: string; readonly ink: string };
}

let known: Theme | undefined;
const listeners = new Set<() => void>();

/** The colours of now. */
export function theme(): Theme {
  return (known ??= read());
}

/** Calls back when VS Code changes its theme, or the system its colours. */
export function onThemeChange(listener: () => void): void {
  if (listeners.size === 0) {
    const changed = () => {
      known = undefined;
      for (const one of listeners) one();
    };
    const observer = new MutationObserver(changed);
    observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  }
  listeners.add(listener);
}

function read(): Theme {
  const style = getComputedStyle(document.body);
  const variable = (...names: string[]) => names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find((value) => value !== "");
  const ink = style.color;
  const paper = variable("editor-background") ?? style.backgroundColor;
  return {
    kind: isDark(style.backgroundColor) ? "dark" : "light", font: style.fontFamily, ink, paper,
    dim: variable("descriptionForeground") ?? ink,
    line: variable("contrastBorder", "panel-border", "widget-border") ?? "transparent",
    active: marked(variable("list-activeSelectionBackground"), variable("list-activeSelectionForeground"), paper, ink),
    chosen: marked(variable("list-inactiveSelectionBackground"), variable("list-inactiveSelectionForeground"), paper, ink),
  };
}

/** High-contrast themes have no backgrounds of selections: ink and paper change places. */
function marked(background: string | undefined, foreground: string | undefined, paper: string, ink: string): Theme["active"] {
  return background === undefined ? { paper: ink, ink: paper } : { paper: background, ink: foreground ?? ink };
}

function isDark(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}
