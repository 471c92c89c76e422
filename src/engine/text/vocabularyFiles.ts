/** @file Tokenizers of models that were saved without tokenizer.json: what that file would say, from vocab.txt, or vocab.json and merges.txt, as transformers converts them. */
import { configuration, conventions, statedSpecials, type SpecialName, type SpecialSpellings } from "./specialTokens.js";
import { addedTokenOf, type AddedToken } from "./addedTokens.js";
import { isId } from "./tokenizerFields.js";
import { booleanField, isRecord, parseFields, textField, wrongField, type Fields } from "../preprocess/fields.js";
import { WhylightError } from "../errors.js";

/** A family of tokenizers that share how they treat text. */
interface Family {
  readonly specials: SpecialSpellings;
  /** Whether the mask takes the space before it, like a word. */
  readonly maskTakesSpace: boolean;
  postProcessor(token: (name: SpecialName) => readonly [string, number], options: Options): object | null;
}

/** What tokenizer_config.json says that changes how text is treated. */
interface Options {
  readonly addsSpace: boolean;
  readonly trims: boolean;
  readonly addsBos: boolean;
}

const sequence = (id: "A" | "B", type: number): object => ({ Sequence: { id, type_id: type } });
const special = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });

const bertLike: Family["postProcessor"] = (token) => ({ type: "BertProcessing", cls: token("cls"), sep: token("sep") });
const robertaLike: Family["postProcessor"] = (token, { addsSpace, trims }) => ({ type: "RobertaProcessing", cls: token("cls"), sep: token("sep"), trim_offsets: trims, add_prefix_space: addsSpace });
const gpt2Like: Family["postProcessor"] = (token, { addsBos }) => {
  if (!addsBos) return null;
  const [bos, id] = token("bos");
  const single = [special(bos, 0), sequence("A", 0)];
  return { type: "TemplateProcessing", single, pair: [...single, special(bos, 1), sequence("B", 1)], special_tokens: { [bos]: { id: bos, ids: [id], tokens: [bos] } } };
};

const families = {
  bert: { specials: conventions.bert, maskTakesSpace: false, postProcessor: bertLike },
  // Two separators stand between the texts of a pair, as RoBERTa has it, though the words are BERT's.
  mpnet: { specials: conventions.mpnet, maskTakesSpace: true, postProcessor: (token) => robertaLike(token, { addsSpace: false, trims: true, addsBos: false }) },
  // Version 5 of transformers puts two separators between the texts of a pair; the models were trained with one, as version 4 has it.
  deberta: { specials: conventions.deberta, maskTakesSpace: true, postProcessor: bertLike },
  roberta: { specials: conventions.roberta, maskTakesSpace: true, postProcessor: robertaLike },
  gpt2: { specials: conventions.gpt2, maskTakesSpace: false, postProcessor: gpt2Like },
} as const satisfies Readonly<Record<string, Family>>;

/** The contents of tokenizer.json. Throws `descriptionInvalid`, or `tokenizerInvalid` when the files do not suffice. */
export function tokenizerFromVocabulary(files: Readonly<Record<string, string>>): Fields {
  const config = configuration(files, "tokenizer_config.json") ?? { file: "tokenizer_config.json", at: "", values: {} };
  const { "vocab.txt": lines, "vocab.json": vocabulary, "merges.txt": merges } = files;
  if (vocabulary !== undefined && merges !== undefined) return byteLevelBpe(files, config, parseFields("vocab.json", vocabulary), merges);
  if (lines !== undefined) return wordPieces(files, config, lines);
  const file = vocabulary === undefined ? "tokenizer.json" : "vocab.json";
  throw new WhylightError("tokenizerInvalid", { file, reason: vocabulary === undefined ? "there is neither that file, nor vocab.txt, nor vocab.json with merges.txt" : "merges.txt is missing" });
}

function wordPieces(files: Readonly<Record<string, string>>, config: Fields, lines: string): Fields {
  const vocab = Object.fromEntries(linesOf(lines).map((line, id) => [line.trimEnd(), id]));
  const family: Family = /mpnet/i.test(className(files, config)) ? families.mpnet : families.bert;
  const lowercase = booleanField(config, "do_lower_case") ?? true;
  const { tokens, token } = specialsOf(files, config, family, "vocab.txt", vocab);
  return {
    file: "vocab.txt", at: "", values: {
      added_tokens: tokens,
      normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: booleanField(config, "tokenize_chinese_chars") ?? true, strip_accents: booleanField(config, "strip_accents"), lowercase },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: family.postProcessor(token, { addsSpace: false, trims: true, addsBos: false }),
      model: { type: "WordPiece", vocab, unk_token: spelled(files, family, "unk"), continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
    },
  };
}

function byteLevelBpe(files: Readonly<Record<string, string>>, config: Fields, vocabulary: Fields, merges: string): Fields {
  const family = bpeFamily(className(files, config), vocabulary);
  const options: Options = { addsSpace: booleanField(config, "add_prefix_space") ?? false, trims: booleanField(config, "trim_offsets") ?? true, addsBos: booleanField(config, "add_bos_token") ?? false };
  const { tokens, token } = specialsOf(files, config, family, "vocab.json", vocabulary.values);
  const pairs = linesOf(merges).filter((line) => !line.startsWith("#version") && line !== "");
  return {
    file: "vocab.json", at: "", values: {
      added_tokens: tokens,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: options.addsSpace, use_regex: true },
      post_processor: family.postProcessor(token, options),
      model: { type: "BPE", vocab: vocabulary.values, merges: pairs },
    },
  };
}

/** What kind of tokenizer the configuration files name. */
function className(files: Readonly<Record<string, string>>, config: Fields): string {
  const model = configuration(files, "config.json");
  const named = textField(config, "tokenizer_class") ?? "";
  return /^(PreTrainedTokenizer(Fast)?|TokenizersBackend|)$/.test(named) ? ((model && textField(model, "model_type")) ?? "") : named;
}

/** By name; where none is given, by the special tokens of the vocabulary. */
function bpeFamily(name: string, vocabulary: Fields): Family {
  if (/^deberta(?!.?v2)/i.test(name)) return families.deberta;
  if (/roberta|bart|longformer|^led|^mvp|lilt|mega|ibert|data2vec|bridgetower|clap/i.test(name)) return families.roberta;
  if (/gpt|^opt|codegen|phi|starcoder/i.test(name)) return families.gpt2;
  if (/clip|qwen|whisper|blenderbot|ctrl|xlm|flaubert|fsmt|biogpt|phobert|bertweet/i.test(name)) {
    return wrongField(vocabulary, "the whole file", `a tokenizer of the kind ${name} cannot be built from vocab.json and merges.txt`);
  }
  const has = (token: string): boolean => Object.hasOwn(vocabulary.values, token);
  return has("<s>") && has("</s>") && has("<mask>") ? families.roberta : has("[CLS]") && has("[SEP]") ? families.deberta : families.gpt2;
}

function spelled(files: Readonly<Record<string, string>>, family: Family, name: SpecialName): string | undefined {
  return statedSpecials(files).get(name)?.content ?? family.specials[name];
}

/** The added tokens: the special ones of the family or the files, and those that the files list. `token` gives one with its id and throws when the vocabulary does not have it. */
function specialsOf(files: Readonly<Record<string, string>>, config: Fields, family: Family, file: string, vocab: Readonly<Record<string, unknown>>): {
  readonly tokens: readonly object[]; token(name: SpecialName): readonly [string, number];
} {
  const tokens = new Map<string, AddedToken>();
  for (const token of listedTokens(files, config)) tokens.set(token.content, token);
  const stated = statedSpecials(files);
  for (const [name, content] of Object.entries(family.specials)) {
    const role = name as SpecialName;
    const token = stated.get(role) ?? { content, singleWord: false, leftStrip: role === "mask" && family.maskTakesSpace, rightStrip: false, normalized: false, special: true };
    if (!tokens.has(token.content)) tokens.set(token.content, token);
  }
  for (const token of stated.values()) if (!tokens.has(token.content)) tokens.set(token.content, token);
  return {
    tokens: [...tokens.values()].map((token) => ({
      content: token.content, single_word: token.singleWord, lstrip: token.leftStrip, rstrip: token.rightStrip, normalized: token.normalized, special: token.special,
    })),
    token: (name) => {
      const content = spelled(files, family, name) ?? "";
      const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
      if (!isId(id)) throw new WhylightError("tokenizerInvalid", { file, reason: `the token ${content} is not in it` });
      return [content, id];
    },
  };
}

/** `added_tokens_decoder` of tokenizer_config.json, and added_tokens.json of older versions, in the order of their ids. */
function listedTokens(files: Readonly<Record<string, string>>, config: Fields): readonly AddedToken[] {
  const decoder = config.values["added_tokens_decoder"];
  const described = isRecord(decoder) ? Object.entries(decoder).map(([id, value]) => (isRecord(value) ? { id: Number(id), token: addedTokenOf({ file: config.file, at: `added_tokens_decoder.${id}`, values: value }) } : undefined)) : [];
  const older = Object.entries(configuration(files, "added_tokens.json")?.values ?? {}).map(([content, id]) => ({
    id: Number(id), token: { content, singleWord: false, leftStrip: false, rightStrip: false, normalized: true, special: false },
  }));
  return [...described.filter((entry) => entry !== undefined), ...older].sort((first, second) => first.id - second.id).map(({ token }) => token);
}

/** Lines without their ends; what follows the last line end is one only if it holds something. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
