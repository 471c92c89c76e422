/** @file Swin, versions 1 and 2: attention inside windows, which every second layer moves by half of one. */
import { present, wrongField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption } from "../activations.js";
import { headSize, numberOption, sizeOption } from "../options.js";
import { cosineAttention, distanceTable } from "./cosineAttention.js";
import { classifier, features, imageArchitecture, meanFrom, type HeadContext } from "./imageModel.js";
import { pairOption, sizesOption } from "./imageOptions.js";
import { patchTokens } from "./patches.js";
import { distanceWeights, relativeBiases } from "./relativePosition.js";
import { normedLayer, selfAttention, transformerLayer, type LayerNames, type LayerOptions } from "./transformerLayer.js";
import { inWindows, roundUp, type Grid, type Windows } from "./windows.js";

const names: LayerNames = {
  norms: ["layernorm_before", "layernorm_after"],
  query: "attention.self.query", key: "attention.self.key", value: "attention.self.value", output: "attention.output.dense", mlp: ["intermediate.dense", "output.dense"], wide: "intermediate",
};

/** Of `nn.LayerNorm`, where the library does not take the config's. */
const epsilon = 1e-5;

/** Larger windows than any model's, whose constants would cost more than the file. */
const largestWindow = 256;

const imageSize = (config: Fields) => pairOption(config, "image_size", 224);

/** What the layers of a stage share. */
interface Stage {
  readonly options: LayerOptions;
  /** Features per head. */
  readonly size: number;
  readonly width: number;
  readonly biasOf: (table: string) => string;
  /** The window's side in pretraining; 0 where that was the same. */
  readonly pretrained: number;
}

/** What tells the versions apart. */
interface Version {
  /** The side that a window may not exceed: windows as large as the grid are not shifted. */
  readonly limit: (grid: Grid, stage: number, first: Grid) => number;
  readonly layer: (writer: GraphWriter, tokens: string, windows: Windows, stage: Stage) => string;
  /** From four cells' channels to two times as many as one has. */
  readonly merged: (writer: GraphWriter, cells: string) => string;
}

const first: Version = {
  limit: (grid) => Math.min(...grid),
  layer: (writer, tokens, windows, { options, size, width, biasOf }) => transformerLayer(writer, tokens, options, (x) => inWindows(writer, x, windows, width, (cells, mask) => {
    const bias = biasOf(distanceWeights(writer, "attention.self.relative_position_bias_table", [windows.side, windows.side], options.heads));
    return selfAttention(writer, cells, options, size, [mask === undefined ? bias : writer.add("Add", [bias, mask])], 2);
  })),
  merged: (writer, cells) => linear(writer, "reduction", layerNorm(writer, "norm", cells, epsilon)),
};

const second: Version = {
  // The library counts only rows, and rounds them down where its grid is rounded up.
  limit: (_, stage, [rows]) => Math.floor(rows / 2 ** stage),
  layer: (writer, tokens, windows, { options, size, width, biasOf, pretrained }) => normedLayer(writer, tokens, options, (x) => inWindows(writer, x, windows, width, (cells, mask) => {
    const bias = writer.add("Mul", [writer.add("Sigmoid", [biasOf(distanceTable(writer, windows.side, pretrained))]), writer.scalar(16)]);
    // The library adds the mask twice.
    return cosineAttention(writer, cells, options, size, [bias, ...(mask === undefined ? [] : [mask, mask])]);
  })),
  merged: (writer, cells) => layerNorm(writer, "norm", linear(writer, "reduction", cells), epsilon),
};

/** An uneven map, channels last, is padded as one with its channels first, as before any convolution by two: that keeps cells in their place on the image. */
function padded(writer: GraphWriter, map: string, down: number, across: number): string {
  const turned = writer.add("Transpose", [map], { perm: [0, 3, 1, 2] });
  return writer.add("Transpose", [writer.add("Pad", [turned, writer.ints([0, 0, 0, 0, 0, 0, down, across]), writer.scalar(0)])], { perm: [0, 2, 3, 1] });
}

/** Two by two cells become one; its channels are those of the upper left, lower left, upper right and lower right. */
function merge(writer: GraphWriter, tokens: string, [rows, columns]: Grid, width: number, { merged }: Version): string {
  const [down, across] = [roundUp(rows, 2), roundUp(columns, 2)];
  const map = writer.add("Reshape", [tokens, writer.ints([0, rows, columns, width])]);
  const whole = down > rows || across > columns ? padded(writer, map, down - rows, across - columns) : map;
  const every = (row: number, column: number) => writer.add("Slice", [whole, writer.ints([row, column]), writer.ints([down, across]), writer.ints([1, 2]), writer.ints([2, 2])]);
  const joined = writer.add("Concat", [every(0, 0), every(1, 0), every(0, 1), every(1, 1)], { axis: 3 });
  return merged(writer, writer.add("Reshape", [joined, writer.ints([0, -1, 4 * width])]));
}

function embeddings(writer: GraphWriter, config: Fields, pixels: string, patch: Grid, width: number): string {
  const pads = imageSize(config).map((size, i) => roundUp(size, patch[i]!) - size);
  const whole = pads.some((pad) => pad > 0) ? writer.add("Pad", [pixels, writer.ints([0, 0, 0, 0, 0, 0, ...pads]), writer.scalar(0)]) : pixels;
  return writer.within("embeddings", () => {
    const tokens = layerNorm(writer, "norm", patchTokens(writer, "patch_embeddings.projection", whole, patch), epsilon);
    return writer.has("position_embeddings") ? writer.add("Add", [tokens, writer.weight("position_embeddings", [1, -1, width])], {}, "") : tokens;
  });
}

const states = (version: Version) => (writer: GraphWriter, config: Fields, pixels: string): string => {
  const patch = pairOption(config, "patch_size", 4);
  const [depths, heads] = [sizesOption(config, "depths", [2, 2, 6, 2]), sizesOption(config, "num_heads", [3, 6, 12, 24])];
  if (heads.length < depths.length) wrongField(config, "num_heads", `it has ${heads.length} numbers, but there are ${depths.length} stages`);
  const activation = activationOption(writer, config, "hidden_act", "gelu");
  const wanted = sizeOption(config, "window_size", 7, largestWindow);
  const own = numberOption(config, "layer_norm_eps", 1e-5);
  const pretrained = present(config, "pretrained_window_sizes");
  let width = sizeOption(config, "embed_dim", 96);
  let grid: Grid = [Math.ceil(imageSize(config)[0] / patch[0]), Math.ceil(imageSize(config)[1] / patch[1])];
  const whole: Grid = [Math.floor(imageSize(config)[0] / patch[0]), Math.floor(imageSize(config)[1] / patch[1])];
  let tokens = embeddings(writer, config, pixels, patch, width);
  for (const [stage, depth] of depths.entries()) {
    const options: LayerOptions = { names, heads: heads[stage]!, epsilon: own, activation };
    const limit = version.limit(grid, stage, whole);
    const side = Math.max(1, Math.min(wanted, limit));
    const shared: Stage = { options, size: headSize(config, width, options.heads, "num_heads"), width, biasOf: relativeBiases(writer, [side, side]), pretrained: Number(Array.isArray(pretrained) ? pretrained[stage] : 0) || 0 };
    writer.within(`encoder.layers.${stage}`, () => {
      for (let i = 0; i < depth; i++) {
        const windows: Windows = { side, shift: i % 2 === 1 && limit > side ? Math.floor(wanted / 2) : 0, grid };
        tokens = writer.within(`blocks.${i}`, () => version.layer(writer, tokens, windows, shared));
      }
      if (stage === depths.length - 1) return;
      tokens = writer.within("downsample", () => merge(writer, tokens, grid, width, version));
      grid = [Math.ceil(grid[0] / 2), Math.ceil(grid[1] / 2)];
      width *= 2;
    });
  }
  return layerNorm(writer, "layernorm", tokens, own);
};

const pooled = ({ writer, last }: HeadContext) => meanFrom(writer, last, 0);

const architecture = (body: string, version: Version) => imageArchitecture({
  body, probe: "embeddings.patch_embeddings.projection.weight", size: imageSize, states: states(version),
  heads: { ForImageClassification: classifier(pooled), Model: features(pooled) },
});

export const swin = architecture("swin", first);
export const swinv2 = architecture("swinv2", second);
