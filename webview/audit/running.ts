/** @file How far an audit is, in words: images of all, speed, time left. Pure. */
import type { AuditState } from "../../src/protocol/audit.js";
import { t } from "../strings.js";

/** "Auditing · 1,240 of 20,000 · 142 images/s · 2 min 12 s left"; of the tests at its end without the images. */
export function runningText({ images, total, perSecond, text, tests }: NonNullable<AuditState["busy"]>): string {
  const number = (value: number) => value.toLocaleString("en");
  const left = (rest: number) => (rest > 0 && perSecond > 0 ? [t("{time} left", { time: timeText(rest / perSecond) })] : []);
  if (tests) return [text, t("{done} of {total}", { done: number(tests.done), total: number(tests.total) }), ...left(tests.total - tests.done)].join(" · ");
  const parts = [text];
  if (total > 0) parts.push(t("{done} of {total}", { done: number(images), total: number(total) }));
  if (perSecond > 0) {
    parts.push(t("{count} images/s", { count: perSecond < 10 ? perSecond.toFixed(1) : number(Math.round(perSecond)) }));
    parts.push(...left(total - images));
  }
  return parts.join(" · ");
}

/** "45 s", "2 min 10 s", "1 h 5 min": never more exact than it can be known. */
export function timeText(seconds: number): string {
  if (seconds < 60) return t("{count} s", { count: Math.max(1, Math.round(seconds)) });
  const [whole, rest] = [Math.floor(seconds / 60), Math.floor((seconds % 60) / 10) * 10];
  if (seconds < 600 && rest > 0) return t("{minutes} min {seconds} s", { minutes: whole, seconds: rest });
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? t("{count} min", { count: minutes }) : t("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
