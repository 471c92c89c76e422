/** @file Threads that decode: they answer as this thread does, and one that dies loses no image. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultPreprocess } from "../../../../src/engine/preprocess/defaults.js";
import { createDecodePool } from "../../../../src/worker/audit/decodePool.js";
import { seeFile, type SeenFile, type UnseenFile } from "../../../../src/worker/audit/seenImage.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
// Inside the repository, so that the bundle finds sharp.
const base = mkdtempSync(join(root, "node_modules/.whylight-decode-"));
const script = join(base, "decode.js");
const sample = (name: string) => join(root, "samples/images", name);
const broken = join(base, "broken.jpg");
const preprocess = defaultPreprocess({ layout: "NCHW", channels: 3, height: 64, width: 64 });

beforeAll(async () => {
  await build({ entryPoints: [join(root, "src/worker/audit/decodeThread.ts")], outfile: script, bundle: true, platform: "node", format: "cjs", logLevel: "error", logOverride: { "empty-import-meta": "silent" }, external: ["sharp"] });
  writeFileSync(broken, readFileSync(sample("fish-1.jpg")).subarray(0, 3000));
});
afterAll(() => rmSync(base, { recursive: true }));

const files = [sample("balloon-1.jpg"), sample("balloon-2.webp"), sample("butterfly-2.png"), broken, join(base, "gone.png"), sample("car-1.jpg")];

/** All that an audit takes of an image, its input's values included. */
function told(seen: SeenFile | UnseenFile): unknown {
  if ("code" in seen) return seen;
  const values = new Float32Array(seen.shape.reduce((a, b) => a * b, 1));
  seen.fill(values);
  const { width, height, flags, hash, shape } = seen;
  return { width, height, flags, hash, shape, values };
}

async function all(threads: number, program?: string): Promise<unknown[]> {
  const pool = createDecodePool(preprocess, threads, program);
  try {
    return (await Promise.all(files.map((file) => pool.see(file)))).map(told);
  } finally {
    await pool.close();
  }
}

describe("a pool", () => {
  it("sees in threads what is seen here", async () => {
    const here = (await Promise.all(files.map((file) => seeFile(file, preprocess)))).map(told);
    expect(here[3]).toEqual({ code: "imageInvalid", reason: "the file is damaged" });
    expect(here[4]).toMatchObject({ code: "inputNotFound" });
    expect(here[0]).toMatchObject({ shape: [1, 3, 64, 64], width: 240, height: 320, hash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    for (const threads of [1, 3]) expect(await all(threads, script)).toEqual(here);
    expect(await all(2)).toEqual(here);
  });

  it("loses nothing when its threads die at once, or at their second image", async () => {
    const here = await all(0);
    const dying = join(base, "dying.js");
    for (const program of ["process.exit(1)", "let n = 0; require('node:worker_threads').parentPort.on('message', () => { if (++n === 2) throw new Error('no more'); })"]) {
      writeFileSync(dying, program);
      expect(await all(2, dying)).toEqual(here);
    }
  });
});
