/** @file The numbers of a finding: what its sentences leave out. Pure. */
import type { SharedRegion } from "../../src/protocol/audit.js";
import { t, type Source } from "../strings.js";

/** A number with its name. */
export interface NumberRow {
  readonly name: Source;
  readonly value: string;
}

/** How likely a shared region is by chance, and how many mistakes are right without it. */
export function regionNumbers({ pValue, masked }: Pick<SharedRegion, "pValue" | "masked">): NumberRow[] {
  return [
    { name: "By chance", value: pValue < 0.001 ? "p < 0.001" : `p = ${pValue.toFixed(3)}` },
    ...(masked && masked.tried > 0 ? [{ name: "Corrected by masking", value: t("{count} of {all}", { count: masked.corrected, all: masked.tried }) } as const] : []),
  ];
}
