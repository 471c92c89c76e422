/** @file Small steps of drawing on canvases: sharp on every screen, once per frame. */

/** A canvas's context, its pixels fitted to its size on the screen and cleared; coordinates are CSS pixels. */
export function freshContext(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | undefined {
  const ratio = devicePixelRatio || 1;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    Object.assign(canvas, { width: pixelWidth, height: pixelHeight });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Draws at most once per frame, however often it is asked. */
export function perFrame(draw: () => void): () => void {
  let frame = 0;
  return () => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
}

/** Pixels as a canvas of their own, which others draw from. */
export function pixelCanvas(rgba: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  if (width > 0 && height > 0) canvas.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas;
}

/** White within black shows on every colour. */
export function strokeTwice(context: CanvasRenderingContext2D, stroke: () => void, widths: readonly [outer: number, inner: number] = [3, 1.25]): void {
  for (const [color, width] of [["#000", widths[0]], ["#fff", widths[1]]] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    stroke();
  }
}

/** Texts cut to a width, with their widths; remembered, since measuring a thousand of them takes longer than a frame. */
export function createTextFitter(): (context: CanvasRenderingContext2D, text: string, most: number) => { readonly text: string; readonly width: number } {
  const known = new Map<string, { readonly text: string; readonly width: number }>();
  return (context, text, most) => {
    const key = `${context.font}\n${most}\n${text}`;
    const found = known.get(key);
    if (found) return found;
    let cut = text;
    let { width } = context.measureText(cut);
    while (width > most && cut.length > 1) {
      cut = `${Array.from(cut.replace(/…$/, "")).slice(0, -1).join("")}…`;
      ({ width } = context.measureText(cut));
    }
    const fitted = { text: cut, width };
    if (known.size > 20_000) known.clear();
    known.set(key, fitted);
    return fitted;
  };
}
