/** @file Text, warm: attention and attributions of a BERT-base with random weights, this engine on ONNX Runtime against PyTorch, on the same number of threads. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildAttention, attentionOutputs } from "../src/engine/attribution/attention/attentionProgram.js";
import { attentionSites } from "../src/engine/attribution/attentionSites.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import { createRandom } from "../src/engine/attribution/random.js";
import { attributeText, type TextAttribution } from "../src/engine/attribution/text/attributeText.js";
import { prepareText, type PreparedText } from "../src/engine/attribution/text/prepareText.js";
import { specializeText } from "../src/engine/attribution/text/specializeText.js";
import type { TextMethodName } from "../src/engine/attribution/text/textMethods.js";
import { feedsOf, textModelOf } from "../src/engine/attribution/text/textModel.js";
import { encode, type EncodedToken, type Tokenizer } from "../src/engine/text/tokenizer.js";
import type { Program } from "../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { checkEqual, interleave, statsOf, timed } from "./measure.js";
import { startPeer, type Peer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

const threads = 2;
const warmUps = 1;
const length = 128;
/** Differences of float32 sums over twelve layers. */
const tolerance = 1e-3;

/** BERT's special tokens. */
const [pad, cls, sep] = [{ id: 0, token: "[PAD]" }, { id: 101, token: "[CLS]" }, { id: 102, token: "[SEP]" }];

/** Words are ids written out: the weights are random, so no vocabulary is needed. */
const idTokenizer: Tokenizer = {
  kind: "ids", size: 30_522, longest: undefined, special: { pad, cls, sep, mask: undefined, unk: undefined, bos: undefined, eos: undefined },
  tokenize: (text, part = 0) => [...text.matchAll(/\d+/g)].map(([token], i): EncodedToken => ({ id: Number(token), token, start: i, end: i + 1, part, type: 0, special: false })),
  assemble: (text) => [cls, ...text, sep].map((token): EncodedToken => ("start" in token ? token : { ...token, start: 0, end: 0, part: 0, type: 0, special: true })),
  tokenOf: String, idOf: Number, display: (token) => token,
};

/** The rows of the group. Results are compared before anything is timed. */
export async function text({ setup, runs }: Options): Promise<Row[]> {
  const { textModel } = setup;
  if (textModel === undefined) {
    console.log("Left out: the text model is exported by a Python with transformers, and there is none.");
    return [];
  }
  mkdirSync(setup.out, { recursive: true });
  const random = createRandom(7);
  const words = Array.from({ length: length - 2 }, () => 1000 + Math.floor(29_000 * random.uniform())).join(" ");
  const tokens = encode(idTokenizer, words);
  const ids = join(setup.out, "ids.i64");
  writeFileSync(ids, BigInt64Array.from(tokens, ({ id }) => BigInt(id)));
  const peer = setup.python && (await startPeer(setup.python, join(setup.peers, "text.py"), [textModel.weights, ids, String(threads)]));
  try {
    const own = await ownSide(textModel.model, words, tokens);
    const read = async (run: string): Promise<Float32Array> => {
      const file = join(setup.out, `${run}.f32`);
      await peer!.run(run, file);
      return new Float32Array(new Uint8Array(readFileSync(file)).buffer);
    };
    const rows = [await compare({ name: "all attentions, 128 tokens", run: "attentions", peerName: "PyTorch, output_attentions", target: 0.75, compute: own.attentions, values: (found) => found }, peer, read, runs)];
    const lig = (parameters: GivenParameters) => own.explain("layer-integrated-gradients", parameters);
    const rawOf = ({ tokens: found }: TextAttribution) => Float32Array.from(found, ({ raw }) => raw);
    for (const baseline of ["pad", "zero"] as const) {
      const peerName = `PyTorch, as Captum, 50 steps, ${baseline} baseline`;
      const fixed = await compare({ name: `Layer Integrated Gradients, 50 steps, ${baseline} baseline`, run: `lig-${baseline}`, peerName, target: 0.85, compute: () => lig({ baseline }), values: rawOf }, peer, read, runs);
      // No larger gap than theirs is asked for, unless float32 cannot tell such a gap from none.
      const theirGap = peer ? Math.abs((await read(`lig-${baseline}-gap`))[0]!) : 0.01;
      const steps = async (parameters: GivenParameters, target?: number): Promise<Row> => {
        const { completeness, evaluations } = await lig(parameters);
        const [ours] = (await interleave([timed(() => lig(parameters))], { warmUps, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
        const gap = (share: number) => `gap ${(100 * Math.abs(share)).toPrecision(2)} %`;
        return { name: `the same, steps=auto: ${evaluations.gradient} gradients, ${gap(completeness!.relative)}`, unit: "ms", ours: ours!, peer: `${peerName}, ${gap(theirGap)}`, theirs: fixed.theirs, target };
      };
      rows.push(fixed, await steps({ baseline, steps: "auto", tolerance: Math.max(theirGap, roundingGap), change: 0.01 }, 0.4), await steps({ baseline, steps: "auto" }, 0.33));
    }
    return rows;
  } finally {
    peer?.stop();
  }
}

/** Gaps below this are rounding of the two scores, whose difference they are a share of. */
const roundingGap = 1e-4;

interface Case<Result> {
  readonly name: string;
  readonly run: string;
  readonly peerName: string;
  readonly target: number;
  readonly compute: () => Promise<Result>;
  readonly values: (result: Result) => Float32Array;
}

async function compare<Result>({ name, run, peerName, target, compute, values }: Case<Result>, peer: Peer | undefined, read: (run: string) => Promise<Float32Array>, runs: number): Promise<Row> {
  const found = values(await compute());
  if (peer) checkEqual(name, found, await read(run), tolerance);
  const [ours, theirs] = (await interleave([timed(compute), ...(peer ? [() => peer.run(run)] : [])], { warmUps, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
  return { name, unit: "ms", ours: ours!, peer: peerName, theirs, target };
}

/** The engine as the worker uses it. Programs are compiled once. */
async function ownSide(path: string, words: string, tokens: readonly EncodedToken[]) {
  const file = await createModelCache().load(path);
  const model = textModelOf(file.imported.graph);
  const runtime = await onnxruntimeRuntime("onnxruntime", { threads });
  const programs = new Map<string, Promise<Program>>();
  const compile: Compile = (key, build) => {
    const program = programs.get(key) ?? runtime.compile(build(), file.readRange);
    programs.set(key, program);
    return program;
  };
  const lengths = new Map<number, PreparedText>();
  const prepared = (count: number) => {
    const made = lengths.get(count) ?? prepareText(model, count);
    lengths.set(count, made);
    return made;
  };
  const graph = specializeText(model, 1, tokens.length);
  const sites = attentionSites(graph);
  const layers = [...sites.keys()];
  const build = () => buildAttention({ graph, logits: model.scores, score: "logit", embedding: undefined }, sites, { weights: layers, common: [], isDifferentiated: false });
  return {
    attentions: async (): Promise<Float32Array> => {
      const outputs = await (await compile("attentions", build)).run(feedsOf(model, [tokens]));
      const weights = layers.map((layer) => outputs[attentionOutputs.weights(layer)]!.data as Float32Array);
      const all = new Float32Array(weights.length * weights[0]!.length);
      weights.forEach((values, i) => all.set(values, i * values.length));
      return all;
    },
    explain: (method: TextMethodName, parameters: GivenParameters) => attributeText({
      model, tokenizer: idTokenizer, text: words, prepared, compile, method, parameters, target: { index: "predicted", versus: undefined, score: "logit" },
    }),
  };
}
