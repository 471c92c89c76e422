/** @file Pictures to audit where nobody names a folder of them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writePhoto } from "./photo.js";

const kinds = ["first", "second", "third", "fourth"];

/** Draws so many photo-like pictures, evenly in folders of four classes. */
export async function drawPictures(folder: string, count: number): Promise<void> {
  for (const kind of kinds) mkdirSync(join(folder, kind), { recursive: true });
  for (let i = 0; i < count; i++) await writePhoto(join(folder, kinds[i % kinds.length]!, `${String(i).padStart(4, "0")}.jpg`), { seed: i + 1, width: 400, height: 300 });
}
