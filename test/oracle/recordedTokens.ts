/** @file The special tokens of the recorded text models, for methods that put one in another's place; the tokens themselves come from the recording. */
import type { Tokenizer } from "../../src/engine/text/tokenizer.js";

const token = (id: number, spelling: string) => ({ id, token: spelling });
const never = () => { throw new Error("the recorded tokens are used as they are"); };

/** Of bert_tiny and distilbert_tiny, as their vocab.txt begins. */
export const specialTokens: Tokenizer = {
  kind: "WordPiece", size: 268, longest: 128,
  special: { pad: token(0, "[PAD]"), unk: token(1, "[UNK]"), cls: token(2, "[CLS]"), sep: token(3, "[SEP]"), mask: token(4, "[MASK]"), bos: undefined, eos: undefined },
  tokenize: never, assemble: never, tokenOf: never, idOf: never, display: (spelling) => spelling,
};
