/** @file Text, warm: gradients, attention and attributions of BERT-base and DistilBERT, this engine on ONNX Runtime against PyTorch, on the same number of threads. */
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import type { TextAttribution } from "../src/engine/attribution/text/attributeText.js";
import { compare, fewRounds, statsOfSides, type Case } from "./compare.js";
import { exact, threads, timed } from "./measure.js";
import type { ModelName } from "./models/models.js";
import { withPeer, type Peer } from "./peer.js";
import { pythonOf, type Options, type Setup } from "./setup.js";
import type { Row } from "./table.js";
import { shareIds, textSide, usualLength, type TextSide } from "./textSide.js";

const length = `${usualLength} tokens`;

/** What peers/text.py is started with. */
export const textPeer = (setup: Setup, model: ModelName): string[] => [setup.model(model), String(threads), setup.work];

/** Lets `work` ask both sides of a text model. PyTorch's needs transformers as well. */
export async function onText<Result>({ setup, runtime }: Pick<Options, "setup" | "runtime">, model: ModelName, work: (side: TextSide, peer: Peer | undefined) => Promise<Result>): Promise<Result> {
  shareIds(setup.work);
  const asked = hasTransformers(setup) ? setup : { ...setup, python: { missing: "this Python has no transformers" } };
  return withPeer(asked, "text.py", textPeer(setup, model), async (peer) => work(await textSide(setup.model(model), runtime), peer));
}

/** Whether PyTorch's side has text models. */
export const hasTransformers = (setup: Setup): boolean => pythonOf(setup)?.versions["transformers"] !== undefined;

/** A pass forward and one back, of both text models. */
export async function textGradients(options: Options): Promise<Row[]> {
  const of = (model: ModelName, name: string, target?: number) => onText(options, model, async (side, peer) => {
    const cases: readonly Case[] = [
      {
        name: `input gradient, ${name}, ${length}`, compute: () => side.gradient(), tolerance: exact,
        rivals: [{ run: `gradient-${usualLength}`, name: "PyTorch, autograd.grad to the embeddings", ...(target === undefined ? {} : { target }) }],
      },
      { name: `forward, ${name}, ${length}`, compute: () => side.forward(), tolerance: exact, rivals: [{ run: "forward", name: "PyTorch, inference_mode" }] },
    ];
    const rows: Row[] = [];
    for (const item of cases) rows.push(...(await compare(item, peer, { warmUps: 1, runs: options.runs })));
    return rows;
  });
  return [...(await of("bert-base", "BERT-base", 0.8)), ...(await of("distilbert", "DistilBERT"))];
}

/** The attention of every layer and head. */
export function attentions(options: Options): Promise<Row[]> {
  const rivals = [{ run: "attentions", name: "PyTorch, output_attentions", target: 0.75 }];
  return onText(options, "bert-base", (side, peer) => compare({ name: `all attentions, BERT-base, ${length}`, compute: () => side.attentions(), tolerance: exact, rivals }, peer, { warmUps: 1, runs: options.runs }));
}

/** Gaps below this are rounding of the two scores, whose difference they are a share of. */
const roundingGap = 1e-4;

/** A fixed number of steps on both sides; steps until the gap is no larger than theirs; and steps to 1 %, as people get them by default. */
export function layerIntegratedGradients(options: Options): Promise<Row[]> {
  const rivals = [{ run: "lig-pad", name: "PyTorch, as Captum, 50 steps", target: 0.85 }];
  return onText(options, "bert-base", async (side, peer) => {
    const explain = (parameters: GivenParameters) => side.explain("layer-integrated-gradients", { baseline: "pad", ...parameters });
    const rawOf = ({ tokens }: TextAttribution) => Float32Array.from(tokens, ({ raw }) => raw);
    const rounds = fewRounds(options.runs);
    const [fixed] = await compare({ name: `Layer Integrated Gradients, BERT-base, ${length}, 50 steps`, compute: async () => rawOf(await explain({})), tolerance: exact, rivals }, peer, rounds);
    const theirGap = peer ? Math.abs((await peer.result("lig-pad-gap"))[0]!) : 0.01;
    const gap = (share: number) => `gap ${(100 * Math.abs(share)).toPrecision(2)} %`;
    const steps = async (parameters: GivenParameters, target: number): Promise<Row> => {
      const compute = () => explain({ steps: "auto", ...parameters });
      const { completeness, evaluations } = await compute();
      const [ours] = await statsOfSides([timed(compute)], rounds);
      return { name: `the same, steps=auto: ${evaluations.gradient} gradients, ${gap(completeness!.relative)}`, unit: "ms", ours: ours!, peer: `${fixed!.peer}, ${gap(theirGap)}`, theirs: fixed!.theirs, target };
    };
    // No larger gap than theirs is asked for, unless float32 cannot tell such a gap from none.
    return [fixed!, await steps({ tolerance: Math.max(theirGap, roundingGap), change: 0.01 }, 0.4), await steps({}, 0.33)];
  });
}
