/** @file The images of a folder that an audit goes through, the same ones in the same order at every call. */
import { readdirSync, realpathSync, statSync, type Dirent } from "node:fs";
import { join, resolve, sep } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { auditFiles } from "../../protocol/audit.js";

/** What the manifest offers to explain as an image. */
const imageName = /\.(png|jpe?g|webp|gif|tiff?|bmp)$/i;

export interface ListOptions {
  /** A folder that is left out: the audit's own. */
  readonly except?: string | undefined;
  readonly limit?: number | undefined;
  /** What `limit` is spread over: the label of a file by its absolute path. */
  readonly groupOf?: ((path: string) => string | undefined) | undefined;
}

/**
 * Names of the images in a folder and the folders inside it, relative to it, with forward slashes, in the order of their code units. Hidden files and folders are left out, folders that hold an audit
 * and folders behind links as well, and files whose link leads out of the folder. A folder that may not be read stands for its images. Throws `folderEmpty` where there are none.
 */
export function listImages(folder: string, { except, limit, groupOf }: ListOptions = {}): string[] {
  const names: string[] = [];
  const root = realFolder(folder);
  const left = except === undefined ? undefined : resolve(except);
  const walk = (inside: string) => {
    const at = join(root, inside);
    if (left !== undefined && (at === left || resolve(folder, inside) === left) && inside !== "") return;
    const entries = entriesOf(at);
    // It fails like a damaged file, so that an audit says what it has not seen.
    if (!entries) return void (inside !== "" && names.push(inside));
    // The pictures of another audit's report.
    if (inside !== "" && entries.some((entry) => entry.name === auditFiles.records)) return;
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const name = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else if (imageName.test(entry.name) && (entry.isFile() || (entry.isSymbolicLink() && staysInside(join(at, entry.name), root)))) names.push(name);
    }
  };
  walk("");
  if (names.length === 0) throw new WhylightError("folderEmpty", { path: folder });
  names.sort(byCodeUnits);
  return limit === undefined || limit >= names.length ? names : spread(names, limit, (name) => groupOf?.(join(folder, name)) ?? "");
}

const byCodeUnits = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The first of each group, then the second of each, until there are enough; in the order of their names. */
function spread(names: readonly string[], limit: number, groupOf: (name: string) => string): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = groupOf(name);
    const members = groups.get(group);
    if (members) members.push(name);
    else groups.set(group, [name]);
  }
  const chosen: string[] = [];
  for (let round = 0; chosen.length < limit; round++) {
    for (const members of groups.values()) if (round < members.length && chosen.length < limit) chosen.push(members[round]!);
  }
  return chosen.sort(byCodeUnits);
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder);
    if (statSync(real).isDirectory()) return real;
  } catch {
    // What is not there holds no images.
  }
  throw new WhylightError("folderEmpty", { path: folder });
}

/** `undefined` of a folder that may not be read. */
function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

function staysInside(link: string, root: string): boolean {
  try {
    const target = realpathSync(link);
    return target.startsWith(root + sep) && statSync(target).isFile();
  } catch {
    return false;
  }
}
