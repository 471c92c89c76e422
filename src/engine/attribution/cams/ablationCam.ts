/** @file Ablation-CAM (Ramaswamy & Desai, WACV 2020): channels weighted by what the score loses without them. */
import type { Graph } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { inBatches, planBatches } from "../batching.js";
import type { MethodContext } from "../context.js";
import type { Layer } from "../layers.js";
import { defineMethod, type MethodResult } from "../method.js";
import type { PlainTensor } from "../parameters.js";
import { buildForward } from "../programs.js";
import { scoreOf, type ResolvedTarget } from "../target.js";
import { graphAbove, valuesBeside } from "./aboveLayer.js";
import { combineLayers } from "./combineLayers.js";
import { weighted } from "./formulas.js";
import { channelElements, layerMap } from "./layerMap.js";

/** A layer with what the part above it takes, computed once for the explained image. */
interface Plan {
  readonly layer: Layer;
  /** The layer's name first, then what goes around it. */
  readonly given: readonly string[];
  readonly values: Readonly<Record<string, Tensor>>;
  /** Channels that are not zero everywhere: the others change nothing. */
  readonly channels: readonly number[];
  /** The model above the layer, for one image. */
  readonly above: Graph;
}

/**
 * Raw map: `sum over c of (s - s without c) / s * A(c)`, s being the explained score and a channel taken out by setting it to 0 everywhere, prefix tokens included.
 * Only the part of the model above the layer is run. As the paper has it; pytorch-grad-cam sets a channel far below zero instead where the layer has negative values.
 * A negative score turns the signs around, since it divides; a score of 0 divides nothing.
 */
export const ablationCamMethod = defineMethod({
  family: "cam", form: "grid", layers: "many", parameters: {},
  run: async (context): Promise<MethodResult> => {
    const target = await context.target();
    const { score } = await context.atInput();
    const plans: Plan[] = [];
    for (const layer of context.layers) plans.push(await plan(context, layer));
    context.expect(...plans.map(({ channels, above }) => ({ pass: "forward", images: channels.length, graph: above }) as const));
    const maps: PlainTensor[] = [];
    for (const each of plans) maps.push(await ablationCam(context, each, target, score));
    const result = combineLayers(context, maps, { score });
    return score < 0 ? { ...result, remarks: [...(result.remarks ?? []), { code: "negativeScore", data: {} }] } : result;
  },
});

async function plan({ prepared, classifier, input, run }: MethodContext, layer: Layer): Promise<Plan> {
  const given = [layer.name, ...valuesBeside(prepared.graph, layer.name)];
  const computed = given.filter((name) => name !== classifier.input);
  const outputs = await run(`forward to|${given.join("\n")}|${input.shape.join("x")}`, () => buildForward(prepared.graph, classifier.logits, computed), { [classifier.input]: input }, { forward: 1 });
  // Copied: the next run may write where these lie.
  const values = Object.fromEntries(given.map((name) => [name, name === classifier.input ? input : { ...outputs[name]!, data: outputs[name]!.data.slice() }]));
  const activation = values[layer.name]!.data as Float32Array;
  const isZero = (c: number) => {
    const { first, step, count } = channelElements(layer, c);
    return Array.from({ length: count }, (_, k) => activation[first + k * step]).every((value) => value === 0);
  };
  return { layer, given, values, above: graphAbove(prepared.graph, given, classifier.logits), channels: Array.from({ length: layerMap(layer, activation).channels }, (_, c) => c).filter((c) => !isZero(c)) };
}

async function ablationCam(context: MethodContext, { layer, given, values, channels, above }: Plan, target: ResolvedTarget, score: number): Promise<PlainTensor> {
  const { prepared, classifier: { logits }, classes, memory, limits } = context;
  const activation = values[layer.name]!;
  const map = layerMap(layer, activation.data as Float32Array);
  const weights = new Float64Array(map.channels);
  const inputsOf = (at: number) => (at > 1 ? batchInputs(prepared.graphAt(at), given, values, at) : { ...values, [layer.name]: { ...activation, data: activation.data.slice() } });
  const size = activation.data.length;
  let inputs: Readonly<Record<string, Tensor>> = {};
  const repeats = prepared.atOnce(2) === 2 && inputsOf(2) !== undefined;
  const plan = planBatches({ graph: above, pass: "forward", count: channels.length, memory, kind: `above ${given.join()}`, limits, atOnce: (wanted) => (repeats ? wanted : 1) });
  await inBatches(plan, async (start, filled, at) => {
    if (inputs[layer.name]?.data.length !== at * size) inputs = inputsOf(at)!;
    const data = inputs[layer.name]!.data as Float32Array;
    const ablated = channels.slice(start, start + filled);
    ablated.forEach((c, row) => {
      const { first, step, count } = channelElements(layer, c);
      for (let k = 0; k < count; k++) data[row * size + first + k * step] = 0;
    });
    const outputs = await context.run(
      `above|${given.join("\n")}|${at}x${context.input.shape.slice(1).join("x")}`, () => (at === 1 ? above : graphAbove(prepared.graphAt(at), given, logits)), inputs, { forward: ablated.length },
    );
    const scores = outputs[logits]!.data as Float32Array;
    ablated.forEach((c, row) => {
      weights[c] = (score - scoreOf(scores.subarray(row * classes, (row + 1) * classes), target)) / (score || 1);
      data.set(activation.data as Float32Array, row * size);
    });
    context.advance(filled);
  });
  return { shape: layer.spatial.grid, data: weighted(map, (c) => weights[c]!) };
}

/** The same values for `batch` images; `undefined` where a value does not simply repeat along its first axis. */
function batchInputs(graph: Graph, given: readonly string[], values: Plan["values"], batch: number): Record<string, Tensor> | undefined {
  const repeated = given.map((name): Tensor | undefined => {
    const { shape, data, dtype } = values[name]!;
    const type = graph.types.get(name);
    if (name !== given[0] && String(type?.shape) === String(shape)) return { dtype, shape, data };
    const repeats = [shape[0]! * batch, ...shape.slice(1)];
    if (String(type?.shape) !== String(repeats)) return undefined;
    const all = new (data.constructor as new (length: number) => Float32Array)(data.length * batch);
    for (let row = 0; row < batch; row++) all.set(data as Float32Array, row * data.length);
    return { dtype, shape: repeats, data: all };
  });
  return repeated.every((tensor) => tensor !== undefined) ? Object.fromEntries(given.map((name, i) => [name, repeated[i]!])) : undefined;
}
