/** @file What a job will take, in words. */
import type { Estimate } from "./api.js";
import { bytesText } from "./bytesText.js";

/** The sentences, English; `{name}` stands for a value. */
export const estimateTexts = {
  estimate: "about {time}, up to {memory} on {runtime}",
  memory: "up to {memory} on {runtime}",
  tooLarge: "{estimate}, which has only {free} free: a smaller input takes less",
  stop: "{estimate} (Ctrl+C stops)",
  seconds: "{count} s",
  minutes: "{count} min",
  hours: "{hours} h {minutes} min",
  range: "{low} to {high}",
} as const;

/** Fills values into a sentence and translates it. */
export type FillText = (english: string, values: Readonly<Record<string, string | number>>) => string;

/** "about 20 s to 2 min, up to 1.2 GB on onnxruntime"; without a time where nothing is known of the speed; a warning where more memory is needed than is free. */
export function estimateText({ ms, bytes, free, runtime }: Estimate, fill: FillText): string {
  const memory = bytesText(bytes);
  const estimate = ms ? fill(estimateTexts.estimate, { time: rangeText(ms, fill), memory, runtime }) : fill(estimateTexts.memory, { memory, runtime });
  return bytes > free ? fill(estimateTexts.tooLarge, { estimate, free: bytesText(free) }) : estimate;
}

function rangeText([least, most]: readonly [number, number], fill: FillText): string {
  const [low, high] = [durationText(least, fill), durationText(most, fill)];
  return low === high ? high : fill(estimateTexts.range, { low, high });
}

/** Rounded as an estimate is: to five seconds from ten on, to whole minutes from a minute and a half on, to ten minutes from two hours on. */
function durationText(ms: number, fill: FillText): string {
  const seconds = ms / 1000;
  if (seconds >= 7200) {
    const tens = Math.round(seconds / 600);
    return fill(estimateTexts.hours, { hours: Math.floor(tens / 6), minutes: 10 * (tens % 6) });
  }
  if (seconds >= 90) return fill(estimateTexts.minutes, { count: Math.round(seconds / 60) });
  return fill(estimateTexts.seconds, { count: seconds < 10 ? Math.max(1, Math.round(seconds)) : 5 * Math.round(seconds / 5) });
}
