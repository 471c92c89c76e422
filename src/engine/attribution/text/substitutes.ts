/** @file What stands in a token's place: the tokenizer's mask, padding or unknown token, or the next best that it has. */
import { WhylightError } from "../../errors.js";
import type { EncodedToken, SpecialToken, Tokenizer } from "../../text/tokenizer.js";

export type SubstituteKind = "mask" | "pad" | "unk";

/** What is taken where a tokenizer lacks the kind asked for. GPT-2 has neither mask nor padding; the end of text is its unknown token as well. */
const order: Readonly<Record<SubstituteKind, readonly (keyof Tokenizer["special"])[]>> = {
  mask: ["mask", "unk", "pad", "eos"], pad: ["pad", "unk", "eos"], unk: ["unk", "mask", "pad", "eos"],
};

/** Throws `tokenizerInvalid` when there is no special token at all. */
export function substituteOf({ special, kind }: Tokenizer, wanted: SubstituteKind): SpecialToken {
  const found = order[wanted].map((name) => special[name]).find((token) => token !== undefined);
  if (found === undefined) throw new WhylightError("tokenizerInvalid", { file: kind, reason: `it names no ${wanted} token, and none that could stand for it` });
  return found;
}

/** The token with another one in its place: the same position and type. */
export function substitute(token: EncodedToken, { id, token: spelling }: SpecialToken): EncodedToken {
  return { ...token, id, token: spelling };
}
