/** @file A Keras model becomes one graph: nested models are laid out flat, shared layers share their weights. Configuration is read, code never run. */
import { WhylightError } from "../../errors.js";
import type { Dim } from "../../ir/shape.js";
import type { DType } from "../../ir/tensor.js";
import { isRecord, type Fields } from "../../preprocess/fields.js";
import { GraphWriter } from "../graphWriter.js";
import type { ImportedModel, ModelFormat } from "../importedModel.js";
import { resolved, refsIn, TensorRef, type Argument, type Call } from "./calls.js";
import { inputShapeOf, mostLayers, readModelConfig, type LayerConfig, type ModelConfig } from "./config.js";
import { isValue, KerasGraph, refuseLayer, type KerasValue } from "./kerasGraph.js";
import { ruleOf } from "./kerasLayers.js";
import { layerWeights, type FindVariable } from "./layerWeights.js";
import { kerasPreprocess, PicturePath } from "./kerasPreprocess.js";

/** What the files of a Keras model hold, whatever their format. */
export interface KerasFiles {
  readonly format: ModelFormat;
  readonly path: string;
  /** `class_name` and `config` of the model. */
  readonly model: Fields;
  /** Keras's version, "2.15.0"; empty where the file does not say. */
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly find: FindVariable;
}

/** Throws `layerUnsupported` naming a layer and its class, `descriptionInvalid`, `modelCorrupt`, `shapeMismatch`. */
export function importKeras({ format, path, model: fields, version, metadata, find }: KerasFiles): ImportedModel {
  return unlessNested(path, () => {
    const model = readModelConfig(fields);
    const writer = new GraphWriter(model.name, layerWeights(path, model, find));
    const state: State = { graph: new KerasGraph(writer, Number.parseInt(version, 10) >= 3 ? 3 : 2), path, picture: new PicturePath(), budget: { left: mostLayers } };
    const inputs = model.inputs.map((ref) => writeInput(state, model, ref));
    const outputs = writeModel(state, model, inputs);
    const names = new Set<string>();
    for (const [i, { value, first, rank }] of outputs.entries()) {
      const { layer, output } = model.outputs[i]!;
      const name = [`${layer}:${output}`, `${layer}:${output}_${i}`].find((candidate) => !names.has(candidate))!;
      names.add(name);
      writer.output(state.graph.last({ value, first, rank }), name);
    }
    return {
      format, producer: `keras${version === "" ? "" : ` ${version}`}`, opset: undefined, architecture: model.name, metadata, graph: writer.build(),
      preprocess: kerasPreprocess(model, inputs, state.picture),
    };
  });
}

/** Nests so deep that they exhaust the stack are no models. */
function unlessNested<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new WhylightError("modelCorrupt", { path, reason: "its configuration is nested too deeply" }, { cause: thrown });
    throw thrown;
  }
}

interface State {
  readonly graph: KerasGraph;
  readonly path: string;
  readonly picture: PicturePath;
  /** Calls that may still be written: models in models multiply. */
  readonly budget: { left: number };
}

const inputTypes: Readonly<Record<string, DType>> = { int32: "int32", int64: "int64", int16: "int32", int8: "int32", uint8: "int32", uint16: "int32", bool: "bool" };

/** Layers that take a grey image without an axis for its channel, as the first lessons build them. */
const greyReaders = new Set(["Flatten", "Reshape"]);

/** Whether an input `[batch, height, width]` is an image: what reads it only lays its pixels out anew. */
function isGrey({ layers }: ModelConfig, name: string, sizes: readonly (number | undefined)[]): boolean {
  const readers = layers.filter(({ calls }) => calls.some((call) => refsIn([call.args, call.kwargs]).some(({ layer }) => layer === name)));
  return sizes.length === 3 && sizes[1] !== undefined && sizes[2] !== undefined && readers.length > 0 && readers.every(({ className }) => greyReaders.has(className));
}

function writeInput({ graph, path, picture }: State, model: ModelConfig, { layer: name }: TensorRef): KerasValue {
  const layer = model.layers.find((candidate) => candidate.name === name);
  if (layer === undefined) throw new WhylightError("modelCorrupt", { path, reason: `its input ${name} is missing` });
  const shape = inputShapeOf(layer);
  if (!Array.isArray(shape) || !shape.every((size) => size === null || (Number.isInteger(size) && size >= 0))) return refuseLayer(path, name, "it does not say what shape its input has; call the model once on an input and save it again");
  const sizes = shape.map((size: number | null) => size ?? undefined);
  if (isGrey(model, name, sizes)) {
    const pixels = graph.writer.input(name, "float32", [sizes[0] ?? "batch", sizes[1]!, sizes[2]!, 1]);
    const value = graph.writer.within(name, () => graph.writer.add("Reshape", [pixels, graph.writer.ints([0, sizes[1]!, sizes[2]!])]));
    return { value, rank: 3, first: false, sizes };
  }
  const isImage = sizes.length === 4;
  // Whole numbers of pixels are numbers all the same, and the model is differentiated by them.
  const dtype = isImage ? "float32" : inputTypes[String(layer.config.values["dtype"])] ?? "float32";
  const open = isImage ? ["batch", "height", "width", "channels"] : ["batch", "sequence"];
  const value: KerasValue = { value: graph.writer.input(name, dtype, sizes.map((size, axis): Dim => size ?? open[axis] ?? `axis${axis}`)), rank: sizes.length, first: false, sizes };
  if (isImage) picture.begin(value.value);
  return value;
}

/** One call that waits for what it is called with. */
interface Waiting {
  readonly layer: LayerConfig;
  readonly index: number;
  readonly call: Call;
  missing: number;
}

/** Writes every call as soon as what it needs is there, and returns the model's outputs. */
function writeModel(state: State, model: ModelConfig, inputs: readonly KerasValue[]): readonly KerasValue[] {
  const fail = (reason: string): never => {
    throw new WhylightError("modelCorrupt", { path: state.path, reason });
  };
  if (inputs.length !== model.inputs.length) return fail(`its model ${model.name} is called with ${inputs.length} values, not ${model.inputs.length}`);
  const results = new Map<string, readonly KerasValue[]>(model.inputs.map((ref, i) => [`${ref.layer}/${ref.call}`, [inputs[i]!]]));
  const references = (call: Call) => [...refsIn(call.args), ...refsIn(Object.values(call.kwargs))];
  const calls = model.layers.flatMap((layer) => layer.calls.map((call, index): Waiting => ({ layer, index, call, missing: 0 })));
  const firstCalls = firstCallsOf(model, [...model.outputs, ...calls.flatMap(({ call }) => references(call))]);
  const keyOf = ({ layer, call }: TensorRef) => `${layer}/${call - (firstCalls.get(layer) ?? 0)}`;
  const valueOf = (ref: TensorRef) => results.get(keyOf(ref))?.[ref.output] ?? fail(`nothing gives the result ${ref.output} of its layer ${ref.layer}`);
  const waiters = new Map<string, Waiting[]>();
  const ready: Waiting[] = [];
  for (const waiting of calls) {
    const keys = [...new Set(references(waiting.call).map(keyOf))].filter((key) => !results.has(key));
    waiting.missing = keys.length;
    for (const key of keys) waiters.set(key, [...waiters.get(key) ?? [], waiting]);
    if (waiting.missing === 0) ready.push(waiting);
  }
  for (let i = 0; i < ready.length; i++) {
    const { layer, index, call } = ready[i]!;
    if (--state.budget.left < 0) return fail("it has too many layers");
    const key = `${layer.name}/${index}`;
    if (results.has(key)) continue;
    results.set(key, writeCall(state, layer, call, valueOf));
    for (const waiting of waiters.get(key) ?? []) if (--waiting.missing === 0) ready.push(waiting);
  }
  return model.outputs.map(valueOf);
}

/** The number of each inner model's first call: Keras 2 counts the one that made the model too, and leaves it out. */
function firstCallsOf(model: ModelConfig, refs: readonly TensorRef[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { layer, call } of refs) last.set(layer, Math.max(last.get(layer) ?? 0, call));
  return new Map(model.layers.filter((layer) => layer.model && layer.calls.length > 0 && last.get(layer.name) === layer.calls.length).map(({ name }) => [name, 1]));
}

function writeCall(state: State, layer: LayerConfig, call: Call, valueOf: (ref: TensorRef) => KerasValue): readonly KerasValue[] {
  const { graph, path, picture } = state;
  const refuse = (reason: string) => refuseLayer(path, layer.name, reason);
  const args = call.args.map((argument) => resolved(argument, valueOf));
  const kwargs = Object.fromEntries(Object.entries(call.kwargs).map(([key, argument]) => [key, resolved(argument, valueOf)]));
  const tensors = args.flatMap(valuesIn);
  // Keras 3 lets whoever runs the model say so, Keras 2 whoever called the layer.
  if (kwargs["training"] === true && graph.major < 3) refuse("it is called with training=True, and its results depend on chance or on the batch");
  const [x = Object.values(kwargs).flatMap(valuesIn)[0] ?? refuse("it is called without a value")] = tensors;
  const results = graph.writer.within(layer.name, () => {
    if (layer.model) return writeModel(state, layer.model, tensors);
    const rule = ruleOf(layer) ?? refuse(reasonOf(layer));
    if (isQuantised(layer.config)) return refuse("its weights are quantised");
    const made = rule.write({ graph, className: layer.className, config: { ...layer.config, at: layer.name }, args, kwargs, tensors, x, refuse });
    return Array.isArray(made) ? made as readonly KerasValue[] : [made as KerasValue];
  });
  if (layer.model) return results;
  const given = new Set(tensors.map(({ value }) => value));
  const named = results.map((result, i): KerasValue => (i > 0 || given.has(result.value) ? result : { ...result, value: graph.writer.rename(result.value, layer.name) }));
  picture.follow(layer, tensors, named);
  return named;
}

function valuesIn(argument: Argument<KerasValue>): readonly KerasValue[] {
  if (isValue(argument)) return [argument];
  if (Array.isArray(argument)) return argument.flatMap(valuesIn);
  return isRecord(argument) ? Object.values(argument).flatMap((item) => valuesIn(item as Argument<KerasValue>)) : [];
}

function reasonOf({ className }: LayerConfig): string {
  return className === "Lambda" ? "it is a Lambda, a function whose code Whylight does not run" : `its class ${className} is not one that Whylight knows`;
}

function isQuantised({ values: { dtype } }: Fields): boolean {
  return isRecord(dtype) && String(dtype["class_name"]).startsWith("Quantized");
}
