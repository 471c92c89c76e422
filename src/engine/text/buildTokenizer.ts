/** @file A tokenizer from its files. */
import { addedTokenOf, addTokens, type AddedToken } from "./addedTokens.js";
import { displayToken, spellingOf } from "./displayToken.js";
import type { VocabularyModel } from "./models/model.js";
import { bpe } from "./models/bpe.js";
import { unigram } from "./models/unigram.js";
import { wordLevel, wordPiece } from "./models/wordPiece.js";
import { normalizerOf, type Normalizer } from "./normalizers.js";
import { tokenize, type Pipeline } from "./pipeline.js";
import { plainPostProcessor, postProcessorOf } from "./postProcessors.js";
import { preTokenizerOf, type PreTokenizer } from "./preTokenizers.js";
import { longestOf, specialTokens } from "./specialTokens.js";
import type { EncodedToken, Tokenizer } from "./tokenizer.js";
import { listField } from "./tokenizerFields.js";
import { tokenizerFromVocabulary } from "./vocabularyFiles.js";
import { objectField, parseFields, present, textField, wrongField, type Fields } from "../preprocess/fields.js";
import { toWhylightError, WhylightError } from "../errors.js";

/** The files that a tokenizer can be built from, and those that say more about it. */
export const tokenizerFileNames = ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"] as const;

/**
 * The tokenizer of `tokenizer.json`; without that file one built from `vocab.txt` (WordPiece) or `vocab.json` and `merges.txt` (byte-level BPE), as the transformers library would convert them.
 * `files` are texts by name. Throws `tokenizerInvalid` {file, reason} when they cannot be read or hold something that is not known.
 */
export function buildTokenizer(files: Readonly<Record<string, string>>): Tokenizer {
  const text = files["tokenizer.json"];
  try {
    return fromFields(text === undefined ? tokenizerFromVocabulary(files) : parseFields("tokenizer.json", text), files);
  } catch (thrown) {
    throw asTokenizerInvalid(thrown);
  }
}

/** What is wrong with a description is wrong with the tokenizer. Anything else that fails while files are read is their fault too: nothing else is at work here. */
function asTokenizerInvalid(thrown: unknown): WhylightError {
  const error = toWhylightError(thrown);
  if (error.code === "tokenizerInvalid") return error;
  const { file, field, reason } = error.data;
  return new WhylightError("tokenizerInvalid", { file: file ?? "tokenizer.json", reason: field === undefined || field === "the whole file" ? (reason ?? error.message) : `${field}: ${reason}` }, { cause: thrown });
}

const models: Readonly<Record<VocabularyModel["kind"], (fields: Fields) => VocabularyModel>> = { WordPiece: wordPiece, BPE: bpe, Unigram: unigram, WordLevel: wordLevel };

function fromFields(fields: Fields, files: Readonly<Record<string, string>>): Tokenizer {
  const model = modelOf(objectField(fields, "model") ?? wrongField(fields, "model", "it is missing"));
  const optional = (key: string): Fields | undefined => objectField(fields, key);
  const [normalizer, preTokenizer, postProcessor] = [optional("normalizer"), optional("pre_tokenizer"), optional("post_processor")];
  const normalize: Normalizer = normalizer ? normalizerOf(normalizer) : (piece) => piece;
  const cut: PreTokenizer = preTokenizer ? preTokenizerOf(preTokenizer) : (piece) => [piece];
  const tokens: readonly AddedToken[] = present(fields, "added_tokens") === undefined ? [] : listField(fields, "added_tokens").map(addedTokenOf);
  const added = addTokens(tokens, model, normalize);
  const pipeline: Pipeline = { added, preTokenizer: cut, model, postProcessor: postProcessor ? postProcessorOf(postProcessor) : plainPostProcessor };
  const spelling = spellingOf(fields.values);
  const idOf = (token: string): number | undefined => added.ids.get(token) ?? model.idOf(token);
  const tokenOf = (id: number): string | undefined => added.tokenOf(id) ?? model.tokenOf(id);
  return {
    kind: model.kind,
    size: sizeOf(model, added.ids),
    longest: longestOf(files),
    special: specialTokens(files, idOf),
    tokenize: (text, part = 0) => tokenize(pipeline, text, part),
    assemble: (text, pair) => assemble(pipeline, tokenOf, text, pair),
    tokenOf, idOf,
    display: (token) => (added.ids.has(token) ? token : displayToken(token, spelling)),
  };
}

/** Files of old versions leave the type to be seen from the fields. */
function modelOf(fields: Fields): VocabularyModel {
  const stated = textField(fields, "type");
  const kind = stated ?? (fields.values["merges"] !== undefined ? "BPE" : Array.isArray(fields.values["vocab"]) ? "Unigram" : fields.values["continuing_subword_prefix"] !== undefined ? "WordPiece" : "WordLevel");
  return isModelKind(kind) ? models[kind](fields) : wrongField(fields, "type", `the model ${kind} is not known`);
}

function isModelKind(kind: string): kind is VocabularyModel["kind"] {
  return Object.hasOwn(models, kind);
}

/** Tokens of the vocabulary and those added beside it. */
function sizeOf(model: VocabularyModel, added: ReadonlyMap<string, number>): number {
  let beyond = 0;
  for (const [token] of added) if (model.idOf(token) === undefined) beyond++;
  return model.size + beyond;
}

function assemble({ postProcessor }: Pipeline, tokenOf: (id: number) => string | undefined, text: readonly EncodedToken[], pair: readonly EncodedToken[] | undefined): readonly EncodedToken[] {
  // A special token belongs to the text it follows.
  let part: 0 | 1 = 0;
  return (pair ? postProcessor.pair : postProcessor.single).flatMap((piece): readonly EncodedToken[] => {
    if ("id" in piece) return [{ id: piece.id, token: tokenOf(piece.id) ?? "", start: 0, end: 0, part, type: piece.type, special: true }];
    ({ part } = piece);
    return (part === 0 ? text : (pair ?? [])).map((token) => ({ ...token, part: piece.part, type: piece.type }));
  });
}
