/** @file A number parameter as people type it. Pure. */
import type { NumberSpec } from "../../src/engine/attribution/parameters.js";
import { t } from "../strings.js";

/** What a number may be, in a few words: "whole number, ≥ 1, or auto". */
export function numberHint({ integer, min, max, words = [], default: usual }: NumberSpec): string {
  const bounds = [...(min === undefined ? [] : [`≥ ${min}`]), ...(max === undefined ? [] : [`≤ ${max}`]), ...(words.length === 0 ? [] : [t("or {words}", { words: words.join(", ") })])];
  return [integer ? t("whole number") : t("number"), ...bounds, t("default {value}", { value: usual })].join(", ");
}

/** The number or word that was typed; `undefined` for what the parameter cannot be. Nothing stands for the default. */
export function readNumber(spec: NumberSpec, typed: string): number | string | undefined {
  if (typed === "") return spec.default;
  if (spec.words?.includes(typed)) return typed;
  const value = Number(typed);
  const isRight = Number.isFinite(value) && (!spec.integer || Number.isInteger(value)) && value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
  return isRight ? value : undefined;
}
