/** @file Swin: attention inside windows, which every second layer moves by half of one. */
import { int64 } from "../../../ir/tensor.js";
import { wrongField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption } from "../activations.js";
import { headSize, numberOption, sizeOption } from "../options.js";
import { classifier, features, imageArchitecture, meanFrom, type HeadContext } from "./imageModel.js";
import { pairOption, sizesOption } from "./imageOptions.js";
import { patchTokens } from "./patches.js";
import { relativeBiases } from "./relativePosition.js";
import { selfAttention, transformerLayer, type LayerNames, type LayerOptions } from "./transformerLayer.js";

type Grid = readonly [rows: number, columns: number];

const names: LayerNames = {
  norms: ["layernorm_before", "layernorm_after"],
  query: "attention.self.query", key: "attention.self.key", value: "attention.self.value", output: "attention.output.dense", mlp: ["intermediate.dense", "output.dense"], wide: "intermediate",
};

/** Of `nn.LayerNorm`, where the library does not take the config's. */
const epsilon = 1e-5;

const imageSize = (config: Fields) => pairOption(config, "image_size", 224);
const roundUp = (size: number, step: number) => Math.ceil(size / step) * step;

/** How the windows of a layer lie: over the grid, padded to whole windows. */
interface Windows {
  readonly side: number;
  readonly shift: number;
  readonly grid: Grid;
  readonly padded: Grid;
}

function windowsOf(grid: Grid, wanted: number, isShifted: boolean): Windows {
  const [side, shift] = Math.min(...grid) <= wanted ? [Math.min(...grid), 0] : [wanted, isShifted ? Math.floor(wanted / 2) : 0];
  return { side, shift, grid, padded: [roundUp(grid[0], side), roundUp(grid[1], side)] };
}

/** `torch.roll` of rows and columns, channels last. */
function roll(writer: GraphWriter, x: string, steps: number): string {
  const part = (from: number, to: number, axis: number) => (value: string) => writer.add("Slice", [value, writer.ints([from]), writer.ints([to]), writer.ints([axis])]);
  return [1, 2].reduce((value, axis) => writer.add("Concat", [part(-steps, Number.MAX_SAFE_INTEGER, axis)(value), part(0, -steps, axis)(value)], { axis }), x);
}

/** `[batch, rows, columns, …]` cut into `[batch, windows, cells, …]`; `tail` are the axes behind. */
function cut(writer: GraphWriter, x: string, { side, padded: [rows, columns] }: Windows, tail: number): string {
  const apart = writer.add("Reshape", [x, writer.ints([0, rows / side, side, columns / side, side, tail])]);
  return writer.add("Reshape", [writer.add("Transpose", [apart], { perm: [0, 1, 3, 2, 4, 5] }), writer.ints([0, (rows * columns) / side ** 2, side ** 2, tail])]);
}

function joined(writer: GraphWriter, windows: string, { side, padded: [rows, columns] }: Windows, width: number): string {
  const apart = writer.add("Reshape", [windows, writer.ints([0, rows / side, columns / side, side, side, width])]);
  return writer.add("Reshape", [writer.add("Transpose", [apart], { perm: [0, 1, 3, 2, 4, 5] }), writer.ints([0, rows, columns, width])]);
}

/** The bias `[1, windows, 1, cells, cells]` that keeps apart what the shift has brought into one window from opposite sides. */
function shiftMask(writer: GraphWriter, windows: Windows): string {
  const { side, shift, padded } = windows;
  const regions = padded.map((size) => Array.from({ length: size }, (_, i) => Number(i >= size - side) + Number(i >= size - shift))) as [number[], number[]];
  const ofRows = writer.constant("regions", int64([1, padded[0], 1, 1], regions[0].map((region) => 3 * region)));
  const regionOf = cut(writer, writer.add("Add", [ofRows, writer.constant("regions", int64([1, 1, padded[1], 1], regions[1]))]), windows, 1);
  const asKeys = writer.add("Transpose", [regionOf], { perm: [0, 1, 3, 2] });
  const isSame = writer.add("Equal", [regionOf, asKeys]);
  return writer.add("Unsqueeze", [writer.add("Where", [isSame, writer.scalar(0), writer.scalar(-100)]), writer.ints([2])]);
}

/** Attention of tokens `[batch, cells, width]` in their windows. */
function windowAttention(writer: GraphWriter, tokens: string, windows: Windows, options: LayerOptions, size: number, biasOf: (table: string) => string): string {
  const { shift, grid: [rows, columns], padded } = windows;
  const width = options.heads * size;
  const isPadded = padded[0] > rows || padded[1] > columns;
  const map = writer.add("Reshape", [tokens, writer.ints([0, rows, columns, width])]);
  const whole = isPadded ? writer.add("Pad", [map, writer.ints([0, 0, 0, 0, 0, padded[0] - rows, padded[1] - columns, 0]), writer.scalar(0)]) : map;
  const bias = biasOf("attention.self.relative_position_bias_table");
  const biases = shift > 0 ? [writer.add("Add", [bias, shiftMask(writer, windows)])] : [bias];
  const attended = joined(writer, selfAttention(writer, cut(writer, shift > 0 ? roll(writer, whole, -shift) : whole, windows, width), options, size, biases, 2), windows, width);
  const back = shift > 0 ? roll(writer, attended, shift) : attended;
  const kept = isPadded ? writer.add("Slice", [back, writer.ints([0, 0]), writer.ints([rows, columns]), writer.ints([1, 2])]) : back;
  return writer.add("Reshape", [kept, writer.ints([0, rows * columns, width])]);
}

/** An uneven map, channels last, is padded as one with its channels first, as before any convolution by two: that keeps cells in their place on the image. */
function padded(writer: GraphWriter, map: string, down: number, across: number): string {
  const first = writer.add("Transpose", [map], { perm: [0, 3, 1, 2] });
  return writer.add("Transpose", [writer.add("Pad", [first, writer.ints([0, 0, 0, 0, 0, 0, down, across]), writer.scalar(0)])], { perm: [0, 2, 3, 1] });
}

/** Two by two cells become one; its channels are those of the upper left, lower left, upper right and lower right. */
function merge(writer: GraphWriter, tokens: string, [rows, columns]: Grid, width: number): string {
  const [down, across] = [roundUp(rows, 2), roundUp(columns, 2)];
  const map = writer.add("Reshape", [tokens, writer.ints([0, rows, columns, width])]);
  const whole = down > rows || across > columns ? padded(writer, map, down - rows, across - columns) : map;
  const every = (row: number, column: number) => writer.add("Slice", [whole, writer.ints([row, column]), writer.ints([down, across]), writer.ints([1, 2]), writer.ints([2, 2])]);
  const merged = writer.add("Concat", [every(0, 0), every(1, 0), every(0, 1), every(1, 1)], { axis: 3 });
  return linear(writer, "reduction", layerNorm(writer, "norm", writer.add("Reshape", [merged, writer.ints([0, -1, 4 * width])]), epsilon));
}

function embeddings(writer: GraphWriter, config: Fields, pixels: string, patch: Grid, width: number): string {
  const pads = imageSize(config).map((size, i) => roundUp(size, patch[i]!) - size);
  const whole = pads.some((pad) => pad > 0) ? writer.add("Pad", [pixels, writer.ints([0, 0, 0, 0, 0, 0, ...pads]), writer.scalar(0)]) : pixels;
  return writer.within("embeddings", () => {
    const tokens = layerNorm(writer, "norm", patchTokens(writer, "patch_embeddings.projection", whole, patch), epsilon);
    return writer.has("position_embeddings") ? writer.add("Add", [tokens, writer.weight("position_embeddings", [1, -1, width])], {}, "") : tokens;
  });
}

function states(writer: GraphWriter, config: Fields, pixels: string): string {
  const patch = pairOption(config, "patch_size", 4);
  const [depths, heads] = [sizesOption(config, "depths", [2, 2, 6, 2]), sizesOption(config, "num_heads", [3, 6, 12, 24])];
  if (heads.length < depths.length) wrongField(config, "num_heads", `it has ${heads.length} numbers, but there are ${depths.length} stages`);
  const activation = activationOption(writer, config, "hidden_act", "gelu");
  const side = sizeOption(config, "window_size", 7);
  const own = numberOption(config, "layer_norm_eps", 1e-5);
  let width = sizeOption(config, "embed_dim", 96);
  let grid: Grid = [Math.ceil(imageSize(config)[0] / patch[0]), Math.ceil(imageSize(config)[1] / patch[1])];
  let tokens = embeddings(writer, config, pixels, patch, width);
  for (const [stage, depth] of depths.entries()) {
    const options: LayerOptions = { names, heads: heads[stage]!, epsilon: own, activation };
    const size = headSize(config, width, options.heads, "num_heads");
    writer.within(`encoder.layers.${stage}`, () => {
      const cells = windowsOf(grid, side, false).side;
      const biasOf = relativeBiases(writer, [cells, cells], options.heads);
      for (let i = 0; i < depth; i++) {
        const windows = windowsOf(grid, side, i % 2 === 1);
        tokens = writer.within(`blocks.${i}`, () => transformerLayer(writer, tokens, options, (x) => windowAttention(writer, x, windows, options, size, biasOf)));
      }
      if (stage === depths.length - 1) return;
      tokens = writer.within("downsample", () => merge(writer, tokens, grid, width));
      grid = [Math.ceil(grid[0] / 2), Math.ceil(grid[1] / 2)];
      width *= 2;
    });
  }
  return layerNorm(writer, "layernorm", tokens, own);
}

const pooled = ({ writer, last }: HeadContext) => meanFrom(writer, last, 0);

export const swin = imageArchitecture({
  body: "swin", probe: "embeddings.patch_embeddings.projection.weight", size: imageSize, states,
  heads: { ForImageClassification: classifier(pooled), Model: features(pooled) },
});
