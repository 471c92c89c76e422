/** @file Small parts of Markdown documents: text made safe, tables, pictures. */

/** Text as Markdown shows it unchanged, on one line, in tables too. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").replace(/[\\`*_{}[\]<>|#~&$]/g, (character) => `\\${character}`).replace(/^( *\d*)([-+.)])(?= |$)/, "$1\\$2");
}

/** A table; cells are escaped already. Columns in `numbers` are flushed right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (numbers.includes(i) ? "--:" : ":--"))), ...rows.map(line)].join("\n");
}

/** A picture by its path relative to the document. */
export function markdownPicture(text: string, path: string): string {
  const url = path.split("/").map((part) => encodeURIComponent(part).replace(/[()]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)).join("/");
  return `![${escapeMarkdown(text)}](${url})`;
}
