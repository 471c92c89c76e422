/** @file Image models of timm and torchvision: named by a config or a file's name, or recognised by the names and shapes of their weights. */
import { WhylightError } from "../../errors.js";
import { parameterCount } from "../../ir/parameterCount.js";
import { isRecord, numberField, objectField, present, textField, type Fields } from "../../preprocess/fields.js";
import { statedSize } from "../../preprocess/huggingFace.js";
import { GraphWriter } from "../graphWriter.js";
import type { ImportedModel } from "../importedModel.js";
import { renamed, type Weights } from "../weights.js";
import { densenet } from "./densenet.js";
import { efficientnet } from "./efficientnet.js";
import { timmConvnext, torchvisionConvnext } from "./convnext.js";
import { refuse, type Family, type ModelFacts } from "./family.js";
import { resnet } from "./resnet.js";
import { torchvisionEfficientNet, torchvisionMobileNetV2, torchvisionMobileNetV3 } from "./torchvisionMobile.js";
import { timmVgg, vgg } from "./vgg.js";
import { timmVisionTransformer, torchvisionVisionTransformer } from "./visionTransformer.js";

const families: readonly Family[] = [
  resnet, densenet, efficientnet, timmConvnext, timmVisionTransformer, timmVgg,
  torchvisionMobileNetV2, torchvisionMobileNetV3, torchvisionEfficientNet, torchvisionConvnext, torchvisionVisionTransformer, vgg,
];

/** What `model_args` may change: what weights show, what only training knows, and what is read here. */
const harmlessArguments: ReadonlySet<string> = new Set([
  "num_classes", "in_chans", "drop_rate", "drop_path_rate", "proj_drop_rate", "attn_drop_rate", "pos_drop_rate", "patch_drop_rate", "drop_block_rate",
  "layers", "channels", "cardinality", "base_width", "stem_width", "block_config", "growth_rate", "bn_size", "depths", "dims", "kernel_sizes", "channel_multiplier", "depth_multiplier",
  "img_size", "patch_size", "embed_dim", "depth", "num_heads", "mlp_ratio", "qkv_bias", "init_values", "ls_init_value", "class_token", "reg_tokens", "no_embed_class", "dynamic_img_size", "fc_norm", "weight_init",
  "global_pool",
]);

/** The longest run of words in a file's name that is an architecture: "resnet18" of "my_resnet18-f37072fd.safetensors". */
function namedInFile(path: string, architectures: RegExp): string | undefined {
  const words = /[^/\\]*$/.exec(path)![0].slice(0, longestName).split(/[-_. ]+/);
  for (let count = words.length; count > 0; count--) {
    for (let start = 0; start + count <= words.length; start++) {
      const run = words.slice(start, start + count).join("_");
      if (architectures.test(run)) return run;
    }
  }
  return undefined;
}
const longestName = 100;

/**
 * The model; `undefined` for an architecture that is not known here, or weights that could be of none or of several.
 * `architecture` is the name in the config, if any. Throws `modelCorrupt` when the weights do not fit it, `architectureUnknown` with what is not known of it, and `descriptionInvalid`.
 */
export function importImageModel(weights: Weights, config: Fields | undefined, architecture: string | undefined): ImportedModel | undefined {
  const classes = config && numberField(config, "num_classes");
  for (const named of unwrapped(weights)) {
    const tidy = tidied(named);
    const marked = families.filter(({ marks }) => marks.every((mark) => tidy.get(mark) !== undefined)).map((family) => ({ family, own: withHead(family, tidy) }));
    const whole = classes === 0 ? marked : marked.filter(({ family, own }) => own.get(family.head) !== undefined);
    for (const { family, own } of whole) {
      const name = nameOf(family, own, architecture);
      if (name !== undefined) return { ...read(family, own, config, name, architecture !== undefined), assumed: assumed(family, own, name, architecture) };
    }
    if (whole.length > 0) return undefined;
    const headless = marked.find(({ family }) => family.marks.length > 1)?.family;
    if (headless && architecture === undefined) refuseHead(headless, tidy);
  }
  return undefined;
}

/** What stands in the place of the last layer, with everything in it. */
const headOf = ({ head }: Family) => /^[^.]+/.exec(head)![0];
const matricesUnder = ({ names, get }: Weights, module: string) => names.filter((name) => name.startsWith(`${module}.`) && name.endsWith("weight") && get(name)!.shape.length === 2);

/** Models trained further often have a layer of their own in the place of the last one, behind a dropout or alone: it is called as the library's. */
function withHead(family: Family, weights: Weights): Weights {
  if (weights.get(family.head) !== undefined) return weights;
  const [own, ...more] = matricesUnder(weights, headOf(family));
  if (own === undefined || more.length > 0) return weights;
  const [from, to] = [own, family.head].map((name) => name.slice(0, -"weight".length)) as [string, string];
  return renamed(weights, (name) => (name.startsWith(from) ? to + name.slice(from.length) : name));
}

/** What stands between several layers is in no file of weights. */
function refuseHead(family: Family, weights: Weights): never {
  const own = matricesUnder(weights, headOf(family));
  refuse({ weights }, `${family.name} ${own.length === 0 ? `without ${family.head}` : `with ${own.join(", ")} in the place of ${family.head}`}`);
}

function nameOf(family: Family, weights: Weights, architecture: string | undefined): string | undefined {
  // The hub's names say after a dot how the weights were trained.
  const plain = architecture?.replace(/\..*$/, "");
  if (plain !== undefined) return family.architectures.test(plain) ? plain : undefined;
  return family.guess(weights, namedInFile(weights.path, family.architectures));
}

/** What was taken where nothing but the weights speaks, and they speak for two. */
function assumed(family: Family, weights: Weights, name: string, architecture: string | undefined): ImportedModel["assumed"] {
  const other = architecture === undefined && namedInFile(weights.path, family.architectures) !== name ? family.twin?.(name) : undefined;
  return other === undefined ? undefined : { architecture: name, other };
}

function read(family: Family, weights: Weights, config: Fields | undefined, architecture: string, isNamed: boolean): ImportedModel {
  const writer = new GraphWriter(architecture, weights);
  const facts: ModelFacts = { writer, architecture, isTimm: isNamed, ...statedFacts(writer, config, architecture) };
  if (facts.pool !== undefined && !(family.pools ?? ["avg"]).includes(facts.pool)) refuse(writer, `${architecture} with global_pool "${facts.pool}"`);
  writer.output(family.write(facts), facts.classes === 0 ? "features" : "logits");
  const graph = fitting(weights, () => writer.build());
  const unused = weights.names.find((name) => !graph.initializers.has(name));
  if (unused !== undefined) refuse(writer, `${family.name} with ${unused}`);
  const layer = family.layer?.(facts);
  return { format: "safetensors", producer: "", opset: undefined, architecture: isNamed ? architecture : family.name, metadata: {}, graph, parameters: parameterCount(graph, writer.isWeight), ...(layer === undefined ? {} : { layer }) };
}

function statedFacts(writer: GraphWriter, config: Fields | undefined, architecture: string): Pick<ModelFacts, "size" | "classes" | "pool" | "heads"> {
  const options = config && objectField(config, "model_args");
  const unknown = Object.keys(options?.values ?? {}).find((key) => !harmlessArguments.has(key));
  if (unknown !== undefined) refuse(writer, `${architecture} with ${unknown} = ${JSON.stringify(options!.values[unknown])}`);
  return {
    size: config && statedSize(config),
    classes: config && numberField(config, "num_classes"),
    pool: (options && textField(options, "global_pool")) ?? (config && textField(config, "global_pool")),
    heads: options && numberField(options, "num_heads"),
  };
}

/** What does not fit together is the file's fault here, since only its weights say what is connected. */
function fitting<Result>(weights: Weights, build: () => Result): Result {
  try {
    return build();
  } catch (thrown) {
    if (!(thrown instanceof WhylightError) || thrown.code !== "shapeMismatch") throw thrown;
    throw new WhylightError("modelCorrupt", { path: weights.path, reason: `the weights of ${thrown.data["node"]} do not fit what comes before (${thrown.data["reason"]})` }, { cause: thrown });
  }
}

/** Names with more before them are no model's. */
const mostWrappers = 4;

/** The weights as they are called, then without what all names begin with: modules of wrappers ("module.", "model.", "state_dict."). */
function* unwrapped(weights: Weights): Generator<Weights> {
  let now = weights;
  for (let wrappers = 0; wrappers <= mostWrappers; wrappers++) {
    yield now;
    now = withoutTraining(now);
    const prefix = /^[^.]+\./.exec(now.names[0] ?? "")?.[0];
    if (prefix === undefined || !now.names.every((name) => name.startsWith(prefix))) return;
    now = renamed(now, (name) => name.slice(prefix.length));
  }
}

/** What a training program's own module holds beside its model: losses with weights, and the states of metrics. */
const ofTraining = /^(\w*(criterion|loss|metric|accuracy|auroc)\w*|(train|val|valid|validation|test)_\w+)\./i;

function withoutTraining(weights: Weights): Weights {
  return weights.names.some((name) => ofTraining.test(name)) ? renamed(weights, (name) => (ofTraining.test(name) ? undefined : name)) : weights;
}

/** Older names of the same things; counts of batches, which only training needs, are left out. */
const olderNames: readonly (readonly [RegExp, string])[] = [
  [/(\.denselayer\d+\.(?:norm|conv))\.([12]\.)/, "$1$2"],
  [/(\.self_attention\.in_proj)_(weight|bias)$/, "$1.$2"],
  [/(\.encoder_layer_\d+\.mlp)\.linear_1\./, "$1.0."],
  [/(\.encoder_layer_\d+\.mlp)\.linear_2\./, "$1.3."],
];

function tidied(weights: Weights): Weights {
  return renamed(weights, (name) => (name.endsWith("num_batches_tracked") ? undefined : olderNames.reduce((now, [pattern, younger]) => now.replace(pattern, younger), name)));
}

/** The image model that a config names: timm's own field, or the same in an older place. */
export function architectureOf(config: Fields): string | undefined {
  const nested = isRecord(present(config, "pretrained_cfg")) ? objectField(config, "pretrained_cfg") : undefined;
  return textField(config, "architecture") ?? (nested && textField(nested, "architecture"));
}
