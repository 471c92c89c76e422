/** @file The thread that sees images for an audit: paths in, inputs out. A bundle of its own. */
import { parentPort, workerData } from "node:worker_threads";
import type { DecodeAnswer, DecodeRequest, DecodeSetup } from "./decodePool.js";
import { limitDecoding, seePixels } from "./seenImage.js";

const { preprocess } = workerData as DecodeSetup;
const port = parentPort!;
const ready = limitDecoding();

port.on("message", ({ id, path }: DecodeRequest) => {
  void ready.then(() => seePixels(path, preprocess)).then((seen) => {
    // Handed over, not copied.
    port.postMessage({ id, seen } satisfies DecodeAnswer, "pixels" in seen ? [seen.pixels.data.buffer as ArrayBuffer] : []);
  });
});
