/** @file Which images of a folder are audited, and in which order. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listImages } from "../../../../src/worker/audit/listImages.js";

const base = realpathSync(mkdtempSync(join(tmpdir(), "whylight-list-")));
afterAll(() => rmSync(base, { recursive: true }));

function folderOf(...names: string[]): string {
  const folder = mkdtempSync(join(base, "f-"));
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
  return folder;
}

describe("images of a folder", () => {
  it("are found in the folders inside it, ordered by code units, whatever the case of their endings", () => {
    expect(listImages(folderOf("b/2.jpg", "b/10.JPEG", "a.png", "B/x.webp", "c/d/e.tiff", "b.gif", "z.bmp"))).toEqual(["B/x.webp", "a.png", "b.gif", "b/10.JPEG", "b/2.jpg", "c/d/e.tiff", "z.bmp"]);
  });

  it("leave out other files, hidden ones, and the audit's own folder", () => {
    const folder = folderOf("a.png", "labels.csv", ".hidden.png", ".cache/b.png", "out/report.png", "in/out/c.png");
    expect(listImages(folder, { except: join(folder, "out") })).toEqual(["a.png", "in/out/c.png"]);
  });

  it("leave out another audit's folder, but not the one gone through", () => {
    const folder = folderOf("a.png", "audit.jsonl", "earlier/audit.jsonl", "earlier/report-pictures/001.jpg", "earlier/b.png");
    expect(listImages(folder)).toEqual(["a.png"]);
  });

  // Administrators may read everything, and Windows knows no such mode.
  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("are stood for by a folder that may not be read, which an audit then tells", () => {
    const folder = folderOf("a.png", "closed/b.png");
    chmodSync(join(folder, "closed"), 0);
    expect(listImages(folder)).toEqual(["a.png", "closed"]);
    chmodSync(join(folder, "closed"), 0o700);
  });

  it("do not lead out of the folder, nor in circles", () => {
    const [folder, outside] = [folderOf("in/a.png"), folderOf("secret.png")];
    symlinkSync(join(outside, "secret.png"), join(folder, "link.png"));
    symlinkSync(outside, join(folder, "far"));
    symlinkSync(folder, join(folder, "in", "again"));
    symlinkSync(join(folder, "in", "a.png"), join(folder, "b.png"));
    symlinkSync(join(folder, "gone.png"), join(folder, "dangling.png"));
    expect(listImages(folder)).toEqual(["b.png", "in/a.png"]);
    // The folder itself may be a link.
    symlinkSync(folder, join(base, "door"));
    expect(listImages(join(base, "door"))).toEqual(["b.png", "in/a.png"]);
  });

  it("are spread over the classes where they are limited", () => {
    const folder = folderOf("a/1.png", "a/2.png", "a/3.png", "b/1.png", "c/1.png", "c/2.png");
    const groupOf = (path: string) => basename(dirname(path));
    expect(listImages(folder, { limit: 4, groupOf })).toEqual(["a/1.png", "a/2.png", "b/1.png", "c/1.png"]);
    expect(listImages(folder, { limit: 5, groupOf })).toEqual(["a/1.png", "a/2.png", "b/1.png", "c/1.png", "c/2.png"]);
    expect(listImages(folder, { limit: 100, groupOf })).toHaveLength(6);
  });

  it("must be there", () => {
    for (const folder of [folderOf("a.txt"), join(base, "nowhere"), join(folderOf("a.png"), "a.png")]) expect(() => listImages(folder)).toThrowError(expect.objectContaining({ code: "folderEmpty", data: { path: folder } }));
  });
});
