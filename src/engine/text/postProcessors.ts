/** @file Post-processors of tokenizer files: the special tokens around a text, the types of its tokens, and whether their spaces count as theirs. */
import { idField, listField, typeField } from "./tokenizerFields.js";
import { booleanField, isRecord, numberField, objectField, present, textField, wrongField, type Fields } from "../preprocess/fields.js";

/** One part of what a model reads: a special token, or the tokens of a text (0) or its pair (1). */
export type Piece = { readonly id: number; readonly type: number } | { readonly part: 0 | 1; readonly type: number };

export interface PostProcessor {
  /** How a text is put together, and how a pair of texts. */
  readonly single: readonly Piece[];
  readonly pair: readonly Piece[];
  /** Whether tokens leave the spaces that byte-level tokens begin and end with to nobody. `keepsFirst`: the space before the first word was added and is not in the text. */
  readonly trim: { readonly keepsFirst: boolean } | undefined;
}

/** A text alone, or one text after the other. */
export const plainPostProcessor: PostProcessor = { single: [{ part: 0, type: 0 }], pair: [{ part: 0, type: 0 }, { part: 1, type: 1 }], trim: undefined };

/** The post-processor that an object of a file describes. Throws `descriptionInvalid` for kinds that are not known and fields that are not right. */
export function postProcessorOf(fields: Fields): PostProcessor {
  const kind = typeField(fields);
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return make ? make(fields) : wrongField(fields, "type", `the post-processor ${kind} is not known`);
}

const kinds: Readonly<Record<string, (fields: Fields) => PostProcessor>> = {
  TemplateProcessing: (fields) => ({ single: templateField(fields, "single"), pair: templateField(fields, "pair"), trim: undefined }),
  BertProcessing: (fields) => {
    const [cls, sep] = [tokenField(fields, "cls"), tokenField(fields, "sep")];
    return bertProcessing(cls, sep);
  },
  RobertaProcessing: (fields) => ({ ...robertaProcessing(tokenField(fields, "cls"), tokenField(fields, "sep")), trim: trimField(fields) }),
  ByteLevel: (fields) => ({ ...plainPostProcessor, trim: trimField(fields) }),
  Sequence: (fields) => {
    const steps = listField(fields, "processors").map(postProcessorOf);
    // Only one of them puts texts together in any file; the others trim.
    const template = steps.findLast(({ single }) => single !== plainPostProcessor.single) ?? plainPostProcessor;
    return { ...template, trim: steps.find(({ trim }) => trim !== undefined)?.trim };
  },
};

/** `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, where B and what follows have type 1. */
export function bertProcessing(cls: number, sep: number): PostProcessor {
  const single: readonly Piece[] = [{ id: cls, type: 0 }, { part: 0, type: 0 }, { id: sep, type: 0 }];
  return { single, pair: [...single, { part: 1, type: 1 }, { id: sep, type: 1 }], trim: undefined };
}

/** `<s> A </s>` and `<s> A </s></s> B </s>`, all of type 0. */
export function robertaProcessing(cls: number, sep: number): PostProcessor {
  const single: readonly Piece[] = [{ id: cls, type: 0 }, { part: 0, type: 0 }, { id: sep, type: 0 }];
  return { single, pair: [...single, { id: sep, type: 0 }, { part: 1, type: 0 }, { id: sep, type: 0 }], trim: undefined };
}

function trimField(fields: Fields): PostProcessor["trim"] {
  return (booleanField(fields, "trim_offsets") ?? true) ? { keepsFirst: booleanField(fields, "add_prefix_space") ?? true } : undefined;
}

/** A pair `[token, id]`. */
function tokenField(fields: Fields, key: string): number {
  const value = present(fields, key);
  const id: unknown = Array.isArray(value) ? value[1] : undefined;
  return idField({ ...fields, values: { [key]: id } }, key) ?? wrongField(fields, key, "it must be a token and its id");
}

function templateField(fields: Fields, key: string): readonly Piece[] {
  const tokens = objectField(fields, "special_tokens");
  return listField(fields, key).flatMap((item): readonly Piece[] => {
    const sequence = objectField(item, "Sequence");
    if (sequence) {
      const part = textField(sequence, "id") === "B" ? 1 : 0;
      return [{ part, type: numberField(sequence, "type_id") ?? 0 }];
    }
    const special = objectField(item, "SpecialToken") ?? wrongField(item, "", "it must be a sequence or a special token");
    const name = textField(special, "id") ?? wrongField(special, "id", "it is missing");
    const token = tokens && Object.hasOwn(tokens.values, name) ? tokens.values[name] : undefined;
    const ids: unknown = isRecord(token) ? token["ids"] : undefined;
    if (!Array.isArray(ids)) return wrongField(special, "id", `the special token ${name} is not described`);
    const type = numberField(special, "type_id") ?? 0;
    return ids.map((id: unknown, i) => ({ id: idField({ ...fields, values: { [`ids[${i}]`]: id } }, `ids[${i}]`) ?? wrongField(special, "id", "it has no id"), type }));
  });
}
