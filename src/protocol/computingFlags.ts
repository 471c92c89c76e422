/** @file How a process that computes is started. */

/**
 * Node's flags for it. What is large lies outside of V8's heap, and the rest are small objects that die young: room for 1 MB of them instead of 16 leaves 12 MB to others, and costs no time
 * (loading a BERT and building its graphs: 0.75 s of processor time, and 0.78 without).
 */
export const computingFlags: readonly string[] = ["--max-semi-space-size=1"];
