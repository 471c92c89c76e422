/** @file The tokens of a vocabulary and their ids, read from the object `{ token: id }` that files hold. */
import { isRecord, wrongField, type Fields } from "../../preprocess/fields.js";
import { WhylightError } from "../../errors.js";
import { isId } from "../tokenizerFields.js";

export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  tokenOf(id: number): string | undefined;
}

/** The object `vocab` of a model. Throws `descriptionInvalid` when it is none or an id is not one. */
export function vocabularyField(fields: Fields): Vocabulary {
  const entries = fields.values["vocab"];
  if (!isRecord(entries)) return wrongField(fields, "vocab", "it must be an object of tokens and ids");
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(entries)) ids.set(token, isId(id) ? id : wrongField(fields, "vocab", `the id of ${JSON.stringify(token.slice(0, 40))} must be a whole number from 0 on`));
  return vocabularyOf(ids);
}

export function vocabularyOf(ids: ReadonlyMap<string, number>): Vocabulary {
  const tokens = new Map<number, string>();
  for (const [token, id] of ids) tokens.set(id, token);
  return { ids, tokenOf: (id) => tokens.get(id) };
}

/** Throws `tokenizerInvalid`: a text holds what the vocabulary has no token for. */
export function unknownMissing(file: string, unknown: string | undefined): never {
  const reason = unknown === undefined ? "its vocabulary has no token for unknown characters, and the text has some" : `the token ${unknown} for unknown characters is not in its vocabulary`;
  throw new WhylightError("tokenizerInvalid", { file, reason });
}
