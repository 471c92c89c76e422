/** @file What a job will take, in words. */
import type { Estimate } from "./api.js";
import { bytesText } from "./bytesText.js";

/** The sentences, English; `{name}` stands for a value. */
export const estimateTexts = {
  estimate: "about {time}, up to {memory} on {runtime}",
  tooLarge: "about {time}, up to {memory} on {runtime}, which has only {free} free: fewer steps or a smaller input take less",
  stop: "{estimate} (Ctrl+C stops)",
  seconds: "{count} s",
  minutes: "{count} min",
  range: "{low} to {high}",
} as const;

/** Fills values into a sentence and translates it. */
export type FillText = (english: string, values: Readonly<Record<string, string | number>>) => string;

/** "about 20 s to 2 min, up to 1.2 GB on onnxruntime"; a warning where more memory is needed than is free. */
export function estimateText({ ms: [least, most], bytes, free, runtime }: Estimate, fill: FillText): string {
  const [low, high] = [durationText(least, fill), durationText(most, fill)];
  const time = low === high ? high : fill(estimateTexts.range, { low, high });
  return fill(bytes > free ? estimateTexts.tooLarge : estimateTexts.estimate, { time, memory: bytesText(bytes), free: bytesText(free), runtime });
}

/** Rounded as an estimate is: to five seconds from ten on, to whole minutes from a minute and a half on. */
function durationText(ms: number, fill: FillText): string {
  const seconds = ms / 1000;
  if (seconds >= 90) return fill(estimateTexts.minutes, { count: Math.round(seconds / 60) });
  return fill(estimateTexts.seconds, { count: seconds < 10 ? Math.max(1, Math.round(seconds)) : 5 * Math.round(seconds / 5) });
}
