/** @file Tables of plain text, in a terminal or an editor. */

/** Rows as aligned columns; columns named in `right` are flushed right. Wide characters take two places. */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
  return rows.map((row) => row.map((cell, i) => {
    const space = " ".repeat(widths[i]! - displayWidth(cell));
    return right.includes(i) ? space + cell : cell + space;
  }).join("  ").trimEnd());
}

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(character) ? 2 : 1;
  return width;
}
