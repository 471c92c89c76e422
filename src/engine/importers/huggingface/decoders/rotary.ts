/** @file Rotary position embeddings: the angles by the scaling that a config names, and the turning of queries and keys. */
import { objectField, present, isRecord, wrongField, type Fields } from "../../../preprocess/fields.js";
import { float32 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";
import { numberOption, refuseOption, sizeOption, wordOption } from "../options.js";

/** Cosines and sines of every angle, `[tokens, size of a head]`. */
export interface Rotation {
  readonly cos: string;
  readonly sin: string;
}

/** What a scaling goes by: the frequencies without it, `[size / 2]`, its own options, and the model's. */
interface Unscaled {
  readonly writer: GraphWriter;
  readonly frequencies: readonly number[];
  readonly options: Fields;
  readonly config: Fields;
  readonly positions: string;
}

/** Writes the frequencies, `[size / 2]`. */
const scalings: Readonly<Record<string, (unscaled: Unscaled) => string>> = {
  default: ({ writer, frequencies }) => constant(writer, frequencies),
  linear: ({ writer, frequencies, options }) => {
    const factor = requiredNumber(options, "factor");
    return constant(writer, frequencies.map((frequency) => frequency / factor));
  },
  llama3: ({ writer, frequencies, options, config }) => {
    const [factor, low, high] = ["factor", "low_freq_factor", "high_freq_factor"].map((key) => requiredNumber(options, key)) as [number, number, number];
    const trained = numberOption(config, "original_max_position_embeddings", numberOption(options, "original_max_position_embeddings", longest(config)));
    return constant(writer, frequencies.map((frequency) => {
      // How often the wave turns within the length that the model was trained on.
      const turns = (trained * frequency) / (2 * Math.PI);
      const share = Math.max(0, Math.min(1, (turns - low) / (high - low)));
      return frequency * (share + (1 - share) / factor);
    }));
  },
  // The base grows with texts longer than the model was made for; shorter ones are turned as they always were.
  dynamic: ({ writer, frequencies, options, config, positions }) => {
    const factor = requiredNumber(options, "factor");
    const tokens = writer.add("Cast", [writer.add("Shape", [positions])], { to: "float32" });
    const beyond = writer.add("Sub", [writer.add("Mul", [tokens, writer.scalar(factor / longest(config))]), writer.scalar(factor - 1)]);
    const growth = writer.add("Max", [beyond, writer.scalar(1)]);
    const exponents = frequencies.map((_, i) => (frequencies.length > 1 ? -i / (frequencies.length - 1) : 0));
    return writer.add("Mul", [constant(writer, frequencies), writer.add("Pow", [growth, writer.constant("exponents", float32([exponents.length], exponents))])]);
  },
};

/** Angles for heads of `size` features at `positions`, int64 `[tokens]`. Throws `architectureUnknown` for a scaling that is not known here. */
export function rotation(writer: GraphWriter, config: Fields, size: number, positions: string): Rotation {
  if (size % 2 !== 0) wrongField(config, "head_dim", `heads of ${size} features cannot be turned in pairs`);
  const key = present(config, "rope_scaling") === undefined ? "rope_parameters" : "rope_scaling";
  const options = objectField(config, key) ?? { ...config, values: {} };
  const type = wordOption(options, "rope_type", wordOption(options, "type", "default"));
  const isPlain = numberOption(options, "partial_rotary_factor", numberOption(config, "partial_rotary_factor", 1)) === 1 && !Object.values(options.values).some(isRecord);
  if (!isPlain || !Object.hasOwn(scalings, type)) refuseOption(writer, config, key);
  const theta = numberOption(options, "rope_theta", numberOption(config, "rope_theta", 10_000));
  if (theta <= 0) wrongField(config, "rope_theta", "it must be above 0");
  return writer.within("rotary_emb", () => {
    const frequencies = Array.from({ length: size / 2 }, (_, i) => theta ** ((-2 * i) / size));
    const scaled = scalings[type]!({ writer, frequencies, options, config, positions });
    const column = writer.add("Unsqueeze", [writer.add("Cast", [positions], { to: "float32" }), writer.ints([1])]);
    const half = writer.add("Mul", [column, scaled]);
    const angles = writer.add("Concat", [half, half], { axis: -1 });
    return { cos: writer.add("Cos", [angles]), sin: writer.add("Sin", [angles]) };
  });
}

/** Queries or keys `[batch, heads, tokens, size]`, turned by their positions: feature i with feature i + size / 2. */
export function rotate(writer: GraphWriter, x: string, { cos, sin }: Rotation): string {
  const [first, second] = writer.addMany("Split", [x], { axis: -1, num_outputs: 2 }, 2) as [string, string];
  const turned = writer.add("Concat", [writer.add("Neg", [second]), first], { axis: -1 });
  return writer.add("Add", [writer.add("Mul", [x, cos]), writer.add("Mul", [turned, sin])]);
}

const constant = (writer: GraphWriter, values: readonly number[]) => writer.constant("inv_freq", float32([values.length], values));
const longest = (config: Fields) => sizeOption(config, "max_position_embeddings", 2048);

function requiredNumber(options: Fields, key: string): number {
  const value = numberOption(options, key, 0);
  return value > 0 ? value : wrongField(options, key, "it must be a number above 0");
}
