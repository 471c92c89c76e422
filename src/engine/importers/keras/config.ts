/** @file The configuration of a Keras model as plain structure: its layers, and from which results of others each is called. Nothing in it is ever run. */
import { WhylightError } from "../../errors.js";
import { isRecord, numberField, objectField, objectsField, textField, wrongField, type Fields } from "../../preprocess/fields.js";
import { readCalls, refsIn, TensorRef, type Call } from "./calls.js";

/** One layer, with the calls of it that the model makes: more than one where it is shared. */
export interface LayerConfig {
  readonly name: string;
  readonly className: string;
  /** Where the class comes from, "keras.src.ops.numpy"; empty in older files. */
  readonly module: string;
  readonly config: Fields;
  readonly calls: readonly Call[];
  /** Tells that layers of several models are one and the same. */
  readonly sharedId: number | undefined;
  /** What is inside a model that serves as a layer. */
  readonly model: ModelConfig | undefined;
}

export interface ModelConfig {
  readonly name: string;
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

const modelClasses = new Set(["Functional", "Model", "Sequential"]);
/** Deeper nests than anybody builds. */
const deepest = 32;
/** More layers, or calls of them, than any model has. */
export const mostLayers = 50_000;

/** The model that `fields` (`class_name` and `config`) describe. Throws `descriptionInvalid`, `layerUnsupported` for a class of somebody's own, `modelCorrupt`. */
export function readModelConfig(fields: Fields, depth = 0): ModelConfig {
  const className = textField(fields, "class_name") ?? wrongField(fields, "class_name", "it is missing");
  const own = fields.values["config"];
  if (depth > deepest) throw new WhylightError("modelCorrupt", { path: fields.file, reason: "its models are nested too deeply" });
  if (className === "Sequential") return readSequential(fields, own, depth);
  const config = objectField(fields, "config");
  if (config === undefined || !isFunctional(fields)) {
    throw new WhylightError("layerUnsupported", { path: fields.file, layer: (config && textField(config, "name")) ?? className, reason: `${className} is a model class of its own, whose code is not in the file` });
  }
  const listed = objectsField(config, "layers");
  if (listed.length > mostLayers) return wrongField(config, "layers", "it has too many entries");
  const names = new Set(listed.map(nameOf));
  return {
    name: textField(config, "name") ?? className,
    layers: listed.map((layer) => readLayer(layer, (value) => readCalls(value, names), depth)),
    inputs: refsIn(config.values["input_layers"]),
    outputs: refsIn(config.values["output_layers"]),
  };
}

/** Whether a configuration is one of layers and calls: Keras's own models, and classes derived from them that kept its form. */
function isFunctional(fields: Fields): boolean {
  const config = fields.values["config"];
  return isRecord(config) && Array.isArray(config["layers"]) && config["output_layers"] !== undefined && (modelClasses.has(String(fields.values["class_name"])) || config["input_layers"] !== undefined);
}

/** A chain of layers: each is called with what the one before gave. Before Keras 2.2 its configuration was the list itself. */
function readSequential(fields: Fields, own: unknown, depth: number): ModelConfig {
  const config: Fields = Array.isArray(own) ? { file: fields.file, at: "config", values: { layers: own } } : objectField(fields, "config") ?? wrongField(fields, "config", "it is missing");
  const listed = objectsField(config, "layers");
  if (listed.length > mostLayers) return wrongField(config, "layers", "it has too many entries");
  let last: TensorRef | undefined;
  const layers = listed.map((layer): LayerConfig => {
    const args = last;
    last = new TensorRef(nameOf(layer), 0, 0);
    return readLayer(layer, () => (args ? [{ args: [args], kwargs: {} }] : []), depth);
  });
  const name = textField(config, "name") ?? "sequential";
  const [first] = layers;
  if (first === undefined || last === undefined) return wrongField(config, "layers", "it is empty");
  if (first.className === "InputLayer") return { name, layers, inputs: [new TensorRef(first.name, 0, 0)], outputs: [last] };
  const input: LayerConfig = { name: `${first.name}_input`, className: "InputLayer", module: "", config: { ...config, values: { batch_shape: inputShapeOf(first) ?? config.values["build_input_shape"] } }, calls: [], sharedId: undefined, model: undefined };
  const ref = new TensorRef(input.name, 0, 0);
  return { name, layers: [input, { ...first, calls: [{ args: [ref], kwargs: {} }] }, ...layers.slice(1)], inputs: [ref], outputs: [last] };
}

/** The shape with batch that a layer states for its input. */
export function inputShapeOf({ config, model }: LayerConfig): unknown {
  const input = model?.layers.find(({ name }) => name === model.inputs[0]?.layer);
  return (config.values["batch_shape"] ?? config.values["batch_input_shape"] ?? (input && inputShapeOf(input))) || undefined;
}

function readLayer(layer: Fields, calls: (value: unknown) => readonly Call[], depth: number): LayerConfig {
  const className = textField(layer, "class_name") ?? wrongField(layer, "class_name", "it is missing");
  const isModel = className === "Sequential" || isFunctional(layer);
  const config = Array.isArray(layer.values["config"]) ? { ...layer, values: {} } : objectField(layer, "config") ?? { ...layer, values: {} };
  return {
    // Class names of somebody's own stand behind a package: "Custom>Scale".
    name: nameOf(layer), className: className.slice(className.lastIndexOf(">") + 1), module: textField(layer, "module") ?? "", config,
    calls: calls(layer.values["inbound_nodes"]), sharedId: numberField(layer, "shared_object_id"), model: isModel ? readModelConfig(layer, depth + 1) : undefined,
  };
}

/** The name by which other layers call it. */
function nameOf(layer: Fields): string {
  const config = layer.values["config"];
  const name = layer.values["name"] ?? (isRecord(config) ? config["name"] : undefined);
  return typeof name === "string" ? name : String(layer.values["class_name"]).toLowerCase();
}
