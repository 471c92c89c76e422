/** @file Which tensor of a file is which variable of which layer. Files by name and files by place differ; the importer then calls all of them `layer.variable`. */
import type { Initializer } from "../../ir/graph.js";
import { weightsOf, type Weights } from "../weights.js";
import type { LayerConfig, ModelConfig } from "./config.js";
import { ruleOf } from "./kerasLayers.js";
import type { Variable } from "./layerRule.js";

/** Where a layer stands: the names of the models around it and its own, and its place as Keras 3 counts it ("layers/functional/layers/conv2d_1"). */
export interface LayerPlace {
  readonly names: readonly string[];
  readonly place: string;
}

/** Finds variable `index` of `count` of a layer. */
export type FindVariable = (layer: LayerPlace, variable: Variable, index: number, count: number) => Initializer | undefined;

/** A tensor in a file that names them: `group` is the outermost layer it belongs to, where the file says so. */
export interface NamedTensor {
  readonly group: string | undefined;
  /** "conv1/kernel:0". */
  readonly name: string;
  read(): Initializer;
}

/** The variables of every layer, called by the names of the models around them: "block.conv1.kernel". Those the file lacks are left out. */
export function layerWeights(path: string, model: ModelConfig, find: FindVariable): Weights {
  const tensors = new Map<string, Initializer>();
  const layers = [...layersWithPlaces(model, [], "", "")];
  const places = grouped(layers, ({ identity }) => identity);
  for (const { layer, at, identity } of layers) {
    const variables = ruleOf(layer)?.variables?.(layer.config) ?? [];
    for (const [i, variable] of variables.entries()) {
      // A layer of several models is saved with the first of them.
      const found = [{ at }, ...places.get(identity)!].map((twin) => find(twin.at, variable, i, variables.length)).find((tensor) => tensor !== undefined);
      if (found) tensors.set([...at.names, ...variable.name.split("/")].join("."), found);
    }
  }
  return weightsOf(path, tensors);
}

interface PlacedLayer {
  readonly layer: LayerConfig;
  readonly at: LayerPlace;
  /** The same for all places of one layer. */
  readonly identity: string;
}

function* layersWithPlaces(model: ModelConfig, names: readonly string[], place: string, owner: string): Generator<PlacedLayer> {
  const used = new Map<string, number>();
  for (const layer of model.layers) {
    if (layer.module.includes(".ops.")) continue;
    const base = snakeCase(layer.className);
    const count = used.get(base);
    used.set(base, (count ?? -1) + 1);
    const at = { names: [...names, layer.name], place: `${place}layers/${count === undefined ? base : `${base}_${count + 1}`}` };
    // Layers of a shared model are told by their names in it: they have numbers of their own in some of its places only.
    const identity = layer.sharedId === undefined || owner.startsWith("#") ? `${owner}/${layer.name}` : `#${layer.sharedId}`;
    if (layer.model) yield* layersWithPlaces(layer.model, at.names, `${at.place}/`, identity);
    else yield { layer, at, identity };
  }
}

/** As Keras names what it saves. */
function snakeCase(className: string): string {
  return className.replaceAll(/\W+/g, "").replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2").replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

/** Variables by their places, in the files that Keras 3 and the last releases of Keras 2 write. */
export function variablesByPlace(tensors: ReadonlyMap<string, Initializer>): FindVariable {
  return ({ place }, variable, index) => {
    const inner = variable.place ?? `vars/${index}`;
    // Some releases call a model's layers otherwise, and parts of a layer by their private names.
    const paths = [place, place.replaceAll(/(^|\/)layers\//g, "$1_layer_checkpoint_dependencies/")].flatMap((outer) => [`${outer}/${inner}`, `${outer}/_${inner}`]);
    return paths.map((path) => tensors.get(path)).find((tensor) => tensor !== undefined);
  };
}

/** Variables by their names. Where a layer has as many tensors as variables and none has the right name, their order tells. */
export function variablesByName(tensors: readonly NamedTensor[]): FindVariable {
  const named = tensors.map((tensor) => ({ tensor, plain: tensor.name.replace(/:\d+$/, "") }));
  const byEnd = grouped(named, ({ plain }) => plain.slice(plain.lastIndexOf("/") + 1));
  return ({ names }, variable, index, count) => {
    const isHere = ({ group }: NamedTensor) => group === undefined || group === names[0];
    for (const ending of [variable.name, ...variable.aliases ?? []]) {
      const candidates = (byEnd.get(ending.slice(ending.lastIndexOf("/") + 1)) ?? []).filter(({ tensor, plain }) => isHere(tensor) && `/${plain}`.endsWith(`/${ending}`))
        .map(({ tensor, plain }) => ({ tensor, fit: fitOf(plain.slice(0, Math.max(0, plain.length - ending.length - 1)), names) }))
        .filter(({ tensor, fit }) => fit > 0 || (tensor.group !== undefined && names.length === 1));
      if (candidates.length > 0) return candidates.reduce((best, candidate) => (candidate.fit > best.fit ? candidate : best)).tensor.read();
    }
    const own = named.filter(({ tensor, plain }) => isHere(tensor) && (fitOf(plain.slice(0, Math.max(0, plain.lastIndexOf("/"))), names) > 0 || (tensor.group !== undefined && names.length === 1)));
    return own.length === count ? own[index]!.tensor.read() : undefined;
  };
}

/** How well what stands before a variable's name fits a layer: 0 where the layer's name is not in it. */
function fitOf(before: string, names: readonly string[]): number {
  const whole = `/${before}/`;
  const leaf = `/${names.at(-1)!}/`;
  if (!whole.includes(leaf)) return 0;
  const isExact = before === names.join("/") || before === names.at(-1);
  return 1 + (whole.endsWith(leaf) ? 1 : 0) + (isExact ? 1 : 0) + 2 * names.slice(0, -1).filter((name) => whole.includes(`/${name}/`)).length;
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
