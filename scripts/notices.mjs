/** @file The licences of everything that ships, as one text: of packages inside the bundles, and of those beside them. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The name of the package that a file of a bundle belongs to; `undefined` for our own files. */
export function packageOf(file) {
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file.replaceAll("\\", "/"))?.[1];
}

/** What a package says of its licence: its id, and the files that hold texts. */
function licenceOf(folder) {
  const { name, version, license = "unknown", homepage = "" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying|third.?party)/i.test(file));
  return { title: `${name} ${version}`, id: typeof license === "string" ? license : license.type, homepage, texts: files.map((file) => readFileSync(join(folder, file), "utf8").trim()) };
}

/** One text for all packages in these folders. A package that brings no text gets that of another with the same licence. */
export function thirdPartyNotices(folders) {
  const packages = [...new Set(folders)].toSorted((a, b) => (a < b ? -1 : 1)).filter((folder) => existsSync(join(folder, "package.json"))).map(licenceOf);
  const general = new Map(packages.filter(({ texts }) => texts.length > 0).map(({ id, texts }) => [id, texts[0]]));
  const parts = packages.map(({ title, id, homepage, texts }) => [`## ${title} (${id})`, homepage, ...(texts.length > 0 ? texts : [general.get(id) ?? ""])].filter((part) => part !== "").join("\n\n"));
  return `# Software in this package that is not ours\n\n${parts.join("\n\n---\n\n")}\n`;
}
