/** @file What the command line says of long jobs: once of each kind, and again where one turns out otherwise. */
import { expect, it } from "vitest";
import { estimateTeller } from "../../../src/cli/estimateTeller.js";
import { fillIn } from "../../../src/protocol/errorTexts.js";

it("says each kind of job once, and again where it is half or twice as long", () => {
  const said: string[] = [];
  const tell = estimateTeller({ out: () => {}, progress: () => {}, err: (text) => said.push(text), translate: (english, values = {}) => fillIn(english, values) });
  const estimate = (seconds: number | undefined) => ({ ms: seconds === undefined ? undefined : ([1000 * seconds, 1000 * seconds] as const), bytes: 2e9, free: 8e9, runtime: "onnxruntime" as const });
  for (const seconds of [30, 40, 59, 61, 40, 30]) tell("rise")(estimate(seconds));
  expect(said).toEqual(["rise: about 30 s, up to 2.0 GB on onnxruntime (Ctrl+C stops)", "rise: about 60 s, up to 2.0 GB on onnxruntime (Ctrl+C stops)", "rise: about 30 s, up to 2.0 GB on onnxruntime (Ctrl+C stops)"]);
  for (const seconds of [undefined, undefined, 20]) tell("lime")(estimate(seconds));
  expect(said.slice(3)).toEqual(["lime: up to 2.0 GB on onnxruntime (Ctrl+C stops)", "lime: about 20 s, up to 2.0 GB on onnxruntime (Ctrl+C stops)"]);
});
