/** @file The next image is decoded, in other threads, while the model computes. */
import type { Jobs } from "../worker/jobs.js";
import { isTensorFile } from "../worker/prepareInput.js";

/** Begins with an input; what is wrong with it is told when its turn comes. To be called after the job before it was asked for. */
export function decodeAhead({ images }: Pick<Jobs, "images">, input: string | undefined): void {
  if (input !== undefined && !isTensorFile(input)) images.get(input).catch(() => {});
}
