/** @file A made-up explanation of "a terrible, terrible film", with values easy to follow by hand. */
import type { AttributedToken, AttributedWord, TextExplanation } from "../../../../src/protocol/text.js";

const special = (token: string, id: number, raw: number): AttributedToken => ({ token, id, special: true, part: 0, start: 0, end: 0, raw, attribution: raw / 5 });
const piece = (token: string, start: number, end: number, raw: number): AttributedToken => ({ token, id: 7, special: false, part: 0, start, end, raw, attribution: raw / 5 });

const text = "a terrible, terrible film";

/** The L2 norm of the raw values is 5. */
const tokens: readonly AttributedToken[] = [
  special("[CLS]", 1, 0), piece("a", 0, 1, 0), piece("ter", 2, 5, 3), piece("##rible", 5, 10, -1), piece(",", 10, 11, 0), piece("terrible", 12, 20, -3), piece("film", 21, 25, Math.sqrt(6)), special("[SEP]", 2, 0),
];

const word = (from: number, to: number): AttributedWord => {
  const [start, end] = [tokens[from]!.start, tokens[to - 1]!.end];
  const raw = tokens.slice(from, to).reduce((sum, token) => sum + token.raw, 0);
  return { text: text.slice(start, end), part: 0, start, end, from, to, raw, attribution: raw / 5 };
};

const [negative, positive] = [{ index: 0, label: "NEGATIVE", logit: 3, probability: 0.982 }, { index: 1, label: "POSITIVE", logit: -1, probability: 0.018 }];

/** With anything of it replaced. */
export function textExplanation(change: Partial<TextExplanation> = {}): TextExplanation {
  return {
    text, model: { path: "/w/models/sentiment.onnx", format: "ONNX", inputs: [], labels: ["NEGATIVE", "POSITIVE"] },
    runtime: { name: "onnxruntime", detail: "ONNX Runtime 1.30.0, CPU", passedOver: [] },
    task: "text-classification", method: "layer-integrated-gradients", parameters: {}, score: "logit", target: negative, versus: undefined, predictions: [negative, positive], classCount: 2,
    tokens, words: [word(1, 2), word(2, 4), word(4, 5), word(5, 6), word(6, 7)],
    attribution: undefined, windows: [{ part: 0, start: 0, end: text.length }], completeness: { gap: 0.004, relative: 0.001 }, facts: {}, evaluations: { forward: 2, gradient: 20 }, notes: [],
    ms: { load: 1, compile: 2, compute: 40.4, draw: 0 }, ...change,
  };
}
