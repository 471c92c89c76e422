/** @file Draws the pictures that audits are measured and tested on at full size: variations of the held-out scenes, one folder per class, the same at every call. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { root } from "./setup.mjs";

const scenes = join(root, "test/fixtures/heldout");

/** A small generator of numbers from 0 to 1 (mulberry32), so that every machine draws the same. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Writes `count` JPEG files of 256 to 400 pixels a side into `folder`, a folder per class. `corrupt` is the share of files that no decoder reads: cut off, emptied, or no picture at all.
 * Returns the corrupt ones' names relative to `folder`.
 */
export async function drawAuditPictures(folder, count, corrupt = 0) {
  const files = readdirSync(scenes).filter((name) => name.endsWith(".jpg")).toSorted();
  /** @type {string[]} */
  const damaged = [];
  const draw = async (i) => {
    const random = generator(i + 1);
    const file = files[i % files.length];
    const label = /_(.+)\.jpg$/.exec(file)[1];
    const side = () => 256 + Math.floor(random() * 145);
    const [width, height] = [side(), side()];
    const margin = 60;
    const at = () => Math.floor(random() * margin);
    let picture = sharp(await sharp(join(scenes, file)).resize({ width: width + margin, height: height + margin, fit: "cover" }).png({ compressionLevel: 0 }).toBuffer()).extract({ left: at(), top: at(), width, height });
    if (random() < 0.5) picture = picture.flop();
    const bytes = await picture.modulate({ brightness: 0.8 + 0.4 * random(), hue: Math.floor(random() * 40) - 20 }).jpeg({ quality: 80 + Math.floor(random() * 16) }).toBuffer();
    const name = `${label}/${String(i).padStart(6, "0")}.jpg`;
    mkdirSync(join(folder, label), { recursive: true });
    const kind = corrupt > 0 && i % Math.round(1 / corrupt) === 7 ? damaged.push(name) % 3 : undefined;
    const content = [bytes.subarray(0, bytes.length >> 1), new Uint8Array(), Buffer.from("this is no picture")];
    writeFileSync(join(folder, name), kind === undefined ? bytes : content[kind]);
  };
  for (let first = 0; first < count; first += 64) await Promise.all(Array.from({ length: Math.min(64, count - first) }, (_, i) => draw(first + i)));
  return damaged.toSorted();
}
