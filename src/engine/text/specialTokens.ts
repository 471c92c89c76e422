/** @file What the configuration files beside a tokenizer say: which tokens are special, and how long a text may be. */
import type { AddedToken } from "./addedTokens.js";
import { addedTokenOf } from "./addedTokens.js";
import type { SpecialToken, Tokenizer } from "./tokenizer.js";
import { isRecord, parseFields, present, type Fields } from "../preprocess/fields.js";

export const specialNames = ["pad", "mask", "unk", "cls", "sep", "bos", "eos"] as const;
export type SpecialName = (typeof specialNames)[number];

/** Names for tokens of a class of tokenizers, `undefined` for those it does not have. */
export type SpecialSpellings = Readonly<Partial<Record<SpecialName, string>>>;

/** How classes of tokenizers spell their special tokens unless a file says otherwise. */
export const conventions = {
  bert: { pad: "[PAD]", mask: "[MASK]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]" },
  deberta: { pad: "[PAD]", mask: "[MASK]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", bos: "[CLS]", eos: "[SEP]" },
  mpnet: { pad: "<pad>", mask: "<mask>", unk: "[UNK]", cls: "<s>", sep: "</s>", bos: "<s>", eos: "</s>" },
  roberta: { pad: "<pad>", mask: "<mask>", unk: "<unk>", cls: "<s>", sep: "</s>", bos: "<s>", eos: "</s>" },
  gpt2: { unk: "<|endoftext|>", bos: "<|endoftext|>", eos: "<|endoftext|>" },
} as const satisfies Readonly<Record<string, SpecialSpellings>>;

/** Beyond this, `model_max_length` means that there is no limit: transformers writes 1e30. */
const longestStated = 1e7;

/** The special tokens by role: as tokenizer_config.json states them, else special_tokens_map.json, else, when neither states any, the convention whose tokens the vocabulary has. */
export function specialTokens(files: Readonly<Record<string, string>>, idOf: (token: string) => number | undefined): Tokenizer["special"] {
  const stated = statedSpecials(files);
  const spellings = stated.size > 0 ? Object.fromEntries([...stated].map(([name, token]) => [name, token.content])) : conventionOf(idOf);
  const tokenOf = (name: SpecialName): SpecialToken | undefined => {
    const token = spellings[name];
    const id = token === undefined ? undefined : idOf(token);
    return token === undefined || id === undefined ? undefined : { id, token };
  };
  return Object.fromEntries(specialNames.map((name) => [name, tokenOf(name)])) as Tokenizer["special"];
}

function conventionOf(idOf: (token: string) => number | undefined): SpecialSpellings {
  const has = (token: string): boolean => idOf(token) !== undefined;
  if (has("[CLS]") && has("[SEP]")) return conventions.bert;
  if (has("<s>") && has("</s>")) return has("[UNK]") ? conventions.mpnet : conventions.roberta;
  return has("<|endoftext|>") ? conventions.gpt2 : {};
}

/** What the configuration files state of the special tokens, which they spell as a text or describe as an object. */
export function statedSpecials(files: Readonly<Record<string, string>>): ReadonlyMap<SpecialName, AddedToken> {
  const found = new Map<SpecialName, AddedToken>();
  for (const file of ["special_tokens_map.json", "tokenizer_config.json"]) {
    const fields = configuration(files, file);
    if (!fields) continue;
    for (const name of specialNames) {
      const value = present(fields, `${name}_token`);
      if (typeof value === "string") found.set(name, { content: value, singleWord: false, leftStrip: false, rightStrip: false, normalized: false, special: true });
      else if (isRecord(value)) found.set(name, { ...addedTokenOf({ file, at: `${name}_token`, values: value }), special: true });
    }
  }
  return found;
}

/** The longest sequence that tokenizer_config.json states, special tokens included. */
export function longestOf(files: Readonly<Record<string, string>>): number | undefined {
  const fields = configuration(files, "tokenizer_config.json");
  const stated = fields && (present(fields, "model_max_length") ?? present(fields, "max_len"));
  return typeof stated === "number" && stated >= 1 && stated <= longestStated ? Math.floor(stated) : undefined;
}

/** One of the configuration files; `undefined` when it is not there. Throws `descriptionInvalid` when it is not JSON. */
export function configuration(files: Readonly<Record<string, string>>, file: string): Fields | undefined {
  const text = files[file];
  return text === undefined ? undefined : parseFields(file, text);
}
