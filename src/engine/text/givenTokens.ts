/** @file Tokens that a tokenizer elsewhere made: read as they are, by the names that the model's own tokenizer has for them, if there is one. */
import type { EncodedToken, SpecialToken, Tokenizer } from "./tokenizer.js";

/** Roles of tokens that stand for no characters; a word that is masked or unknown still stands for itself. */
const added = ["pad", "cls", "sep", "bos", "eos"] as const;

const noSpecial: Tokenizer["special"] = { pad: undefined, mask: undefined, unk: undefined, cls: undefined, sep: undefined, bos: undefined, eos: undefined };

/**
 * A tokenizer whose every text is these tokens. `assemble` adds nothing, since special tokens are among them. Without a tokenizer of the model's own, tokens are called by their ids and none is known to be special.
 * `types` has one entry per id, 1 for tokens of the second text.
 */
export function givenTokens(ids: readonly number[], types: readonly number[] | undefined, own: Tokenizer | undefined): Tokenizer {
  const special = own?.special ?? noSpecial;
  const isAdded = new Set(added.map((role) => special[role]).filter((token): token is SpecialToken => token !== undefined).map(({ id }) => id));
  const tokenOf = (id: number) => own?.tokenOf(id) ?? `#${id}`;
  const tokens = ids.map((id, i): EncodedToken => {
    const type = types?.[i] ?? 0;
    return { id, token: tokenOf(id), start: 0, end: 0, part: type === 1 ? 1 : 0, type, special: isAdded.has(id) };
  });
  return {
    kind: own?.kind ?? "ids", size: own?.size ?? 0, longest: own?.longest, special, tokenOf, idOf: (token) => own?.idOf(token), display: (token) => own?.display(token) ?? token,
    tokenize: () => tokens, assemble: (text) => text,
  };
}
