/** @file Text made safe for HTML and XML. */

/** Text for HTML and XML, inside elements and attributes. Characters that XML does not know are left out. */
export function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
