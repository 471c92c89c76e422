/** @file What the vision models of transformers share: one image input, a body that may lie under a name, and the head that the saved class names. */
import type { Dim } from "../../../ir/shape.js";
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { linear } from "../../modules.js";
import type { Architecture } from "../importHuggingFace.js";
import { sizeOption, unknownArchitecture } from "../options.js";

/** What a head works with. */
export interface HeadContext {
  readonly writer: GraphWriter;
  readonly config: Fields;
  /** The body's last state: tokens `[batch, tokens, width]` or a map `[batch, channels, height, width]`. */
  readonly last: string;
  /** Runs in the scope of the body's weights. */
  readonly inBody: <Result>(write: () => Result) => Result;
}

/** The model's outputs, by their names, in order. */
export type Head = (context: HeadContext) => Readonly<Record<string, string>>;

export interface ImageModel {
  /** The name of the body in a model with a head; a body saved alone has none. */
  readonly body: string;
  /** A weight every such body has, which tells whether that name is there. */
  readonly probe: string;
  /** Height and width that the model takes; symbols where it takes any. */
  readonly size: (config: Fields) => readonly [Dim, Dim];
  /** From pixels `[batch, channels, height, width]` to the last state. */
  readonly states: (writer: GraphWriter, config: Fields, pixels: string) => string;
  /** By the end of the class's name. The first one is taken for weights with a classifier whose class nobody names, "Model" for others. */
  readonly heads: Readonly<Record<string, Head>>;
}

/** Sizes of models that take images of any size. */
export const anySize = (): readonly [Dim, Dim] => ["height", "width"];

/** Writes such a model. Throws `architectureUnknown` for a head that is not known. */
export function imageArchitecture({ body, probe, size, states, heads }: ImageModel): Architecture {
  return (writer, config, architecture) => {
    const [first] = Object.keys(heads) as [string];
    const named = architecture === "" ? (writer.weights.names.some((name) => name.startsWith("classifier")) ? first : "Model") : /(?:For|Model).*$/.exec(architecture)?.[0] ?? "";
    const head = Object.hasOwn(heads, named) ? heads[named]! : unknownHead(writer, architecture);
    const pixels = writer.input("pixel_values", "float32", ["batch", sizeOption(config, "num_channels", 3), ...size(config)]);
    const scope = writer.has(`${body}.${probe}`) ? body : "";
    const inBody = <Result>(write: () => Result) => writer.within(scope, write);
    const last = inBody(() => states(writer, config, pixels));
    for (const [name, value] of Object.entries(head({ writer, config, last, inBody }))) writer.output(value, name);
  };
}

function unknownHead(writer: GraphWriter, architecture: string): never {
  throw unknownArchitecture(writer, architecture);
}

/** A classifier over what `pool` makes of the last state. */
export function classifier(pool: (context: HeadContext) => string, name = "classifier"): Head {
  return (context) => ({ logits: linear(context.writer, name, pool(context)) });
}

/** No head: the last state, and what `pool` makes of it. */
export function features(pool: (context: HeadContext) => string): Head {
  return (context) => ({ last_hidden_state: context.last, pooler_output: pool(context) });
}

/** The mean of a map over its places, `[batch, channels]`. */
export function meanOfMap({ writer, last }: HeadContext): string {
  return writer.add("ReduceMean", [last, writer.ints([2, 3])], { keepdims: 0 });
}

/** One token's state, `[batch, width]`. */
export function tokenAt(writer: GraphWriter, tokens: string, index: number): string {
  return writer.add("Gather", [tokens, writer.int(index)], { axis: 1 });
}

/** The mean of all tokens from one on, `[batch, width]`. */
export function meanFrom(writer: GraphWriter, tokens: string, first: number): string {
  const kept = first === 0 ? tokens : writer.add("Slice", [tokens, writer.ints([first]), writer.ints([Number.MAX_SAFE_INTEGER]), writer.ints([1])]);
  return writer.add("ReduceMean", [kept, writer.ints([1])], { keepdims: 0 });
}

/** `nn.LayerNorm` over the channels of a map `[batch, channels, height, width]`. */
export function channelNorm(writer: GraphWriter, x: string, normalise: (x: string) => string): string {
  return writer.add("Transpose", [normalise(writer.add("Transpose", [x], { perm: [0, 2, 3, 1] }))], { perm: [0, 3, 1, 2] });
}
