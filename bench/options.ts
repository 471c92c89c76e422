/** @file The options of the bench. */
import { parseArgs } from "node:util";
import { groups } from "./groups.js";

/** Runs of each case, unless a group is slow. */
export const usual = { runs: 5, quickRuns: 2 } as const;

export interface BenchOptions {
  /** Groups by name; all when empty. */
  readonly only: readonly string[];
  readonly runs: number | undefined;
  readonly out: string | undefined;
  readonly python: string | undefined;
  readonly pictures: string | undefined;
  readonly isQuick: boolean;
  readonly isList: boolean;
  readonly isRemove: boolean;
  /** One case of the peak memory in this process. */
  readonly once: { readonly name: string; readonly model: string } | undefined;
}

const flags = {
  only: { type: "string" }, runs: { type: "string" }, out: { type: "string" }, python: { type: "string" }, pictures: { type: "string" }, quick: { type: "boolean", default: false },
  list: { type: "boolean", default: false }, "remove-models": { type: "boolean", default: false }, case: { type: "string" }, model: { type: "string" },
} as const;

/** Throws one sentence for what cannot be. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: flags });
  const only = values.only?.split(",") ?? [];
  const unknown = only.find((name) => !Object.hasOwn(groups, name));
  if (unknown !== undefined) throw new Error(`There is no group "${unknown}": --only takes some of ${Object.keys(groups).join(", ")}.`);
  if (values.runs !== undefined && !/^[1-9]\d{0,2}$/.test(values.runs)) throw new Error(`--runs ${values.runs}: it must be a whole number from 1 to 999.`);
  return {
    only, runs: values.runs === undefined ? undefined : Number(values.runs), out: values.out, python: values.python, pictures: values.pictures,
    isQuick: values.quick, isList: values.list, isRemove: values["remove-models"],
    once: values.case === undefined || values.model === undefined ? undefined : { name: values.case, model: values.model },
  };
}
