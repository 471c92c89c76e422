/** @file Ids, offsets and type ids equal those of the Python libraries `tokenizers` and `transformers`, for every recorded string and tokenizer. */
import { describe, expect, test } from "vitest";
import { buildTokenizer } from "../../../src/engine/text/buildTokenizer.js";
import { encode, type Tokenizer } from "../../../src/engine/text/tokenizer.js";
import { codePointIndices, readRecorded, strings, type RecordedEncoding } from "./recordedTokenizers.js";

/** Our tokens in the form of the recording. */
function encodedAs(tokenizer: Tokenizer, { text, pair }: RecordedEncoding): RecordedEncoding["tokens"] {
  const indices = [codePointIndices(text), codePointIndices(pair ?? "")] as const;
  return encode(tokenizer, text, pair).map(({ id, start, end, part, type }) => [id, indices[part][start] ?? NaN, indices[part][end] ?? NaN, type]);
}

function differences(tokenizer: Tokenizer, encodings: readonly RecordedEncoding[]): readonly object[] {
  return encodings.map((recorded) => ({ ...recorded, ours: encodedAs(tokenizer, recorded) })).filter(({ tokens, ours }) => JSON.stringify(tokens) !== JSON.stringify(ours));
}

test("the recording holds 5,000 different strings", () => {
  expect(new Set(strings).size).toBe(5000);
});

describe.each(["tokenizers", "steps", "folders"] as const)("%s", (group) => {
  test.each(readRecorded(group).map((recorded) => [recorded.name, recorded] as const))("%s", (_, { files, encodings }) => {
    expect(encodings.length).toBeGreaterThanOrEqual(group === "tokenizers" ? 5300 : 1000);
    const found = differences(buildTokenizer(files), encodings);
    expect(found.slice(0, 3)).toEqual([]);
    expect(found).toHaveLength(0);
  });
});
