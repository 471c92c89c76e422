/** @file Tries a TensorFlow for Node in a process of its own: a library that does not fit this machine ends its process. Started with the package's folder, it prints one line of JSON. */
import { loadPackage } from "./tensorflowNative.js";

/** What came of a trial. */
export type TrialAnswer = { readonly detail: string } | { readonly reason: string };

/** Loads the package and computes a gradient whose numbers are known: of a sum over a 3 × 3 convolution with ones, which counts in how many windows a pixel lies. */
export function tryPackage(folder: string): TrialAnswer {
  const loaded = loadPackage(folder);
  if ("reason" in loaded) return loaded;
  try {
    const { tf, detail } = loaded;
    const found = tf.grad((x) => tf.sum(tf.conv2d(x as never, tf.ones([3, 3, 1, 1]), 1, "same")))(tf.ones([1, 3, 3, 1])).dataSync().join();
    return found === "4,6,4,6,9,6,4,6,4" ? { detail } : { reason: `a gradient came out wrong (${found})` };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
