/** @file torchvision's ResNets of bottlenecks with random weights, whose batch norms hold what their inputs vary by, so that activations neither vanish nor grow. */
import type { RandomModel, RandomTensor } from "./randomModel.js";

export interface ResnetSizes {
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  /** Channels of the stem; a stage's inner ones are twice as many as the one's before, its outer ones four times its inner ones. */
  readonly width: number;
  readonly classes: number;
}

export const resnet50: ResnetSizes = { blocks: [3, 4, 6, 3], width: 64, classes: 1000 };

/** The variance of `max(z, 0)` for a standard normal z. */
const reluVariance = 0.5 - 0.5 / Math.PI;
/** What a block adds has this standard deviation beside the 1 of a shortcut's convolution: blocks are small steps, as in trained nets. */
const branchDeviation = 0.5;
const outer = 4;

/** A convolution's filters keep the variance of independent inputs; each sums to 0, so that the positive mean behind a ReLU does not drown what varies. */
function convolution(name: string, out: number, input: number, kernel: number, isCentred = true): RandomTensor {
  return { name: `${name}.weight`, shape: [out, input, kernel, kernel], filling: { deviation: (input * kernel * kernel) ** -0.5, isCentred } };
}

function batchNorm(name: string, channels: number, variance: number, scale = 1): RandomTensor[] {
  const parts = { weight: scale, bias: { deviation: 0.1 }, running_mean: 0, running_var: variance };
  return Object.entries(parts).map(([part, filling]) => ({ name: `${name}.${part}`, shape: [channels], filling }));
}

/** The state_dict of torchvision's class, without the counts of batches that only training needs. */
export function randomResnet({ blocks, width, classes }: ResnetSizes): RandomModel {
  // Images have a mean of 0: the first filters need not.
  const tensors = [convolution("conv1", width, 3, 7, false), ...batchNorm("bn1", width, 1)];
  let [channels, variance] = [width, reluVariance];
  for (const [stage, count] of blocks.entries()) {
    const inner = width * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const name = `layer${stage + 1}.${i}`;
      tensors.push(
        convolution(`${name}.conv1`, inner, channels, 1), ...batchNorm(`${name}.bn1`, inner, variance),
        convolution(`${name}.conv2`, inner, inner, 3), ...batchNorm(`${name}.bn2`, inner, reluVariance),
        convolution(`${name}.conv3`, outer * inner, inner, 1), ...batchNorm(`${name}.bn3`, outer * inner, reluVariance, branchDeviation),
      );
      if (i === 0) tensors.push(convolution(`${name}.downsample.0`, outer * inner, channels, 1), ...batchNorm(`${name}.downsample.1`, outer * inner, variance));
      channels = outer * inner;
      // A ReLU cuts all of a stage's first sum, and next to nothing of the later ones, which are mostly positive.
      variance = i === 0 ? reluVariance * (1 + branchDeviation ** 2) : variance + branchDeviation ** 2;
    }
  }
  tensors.push({ name: "fc.weight", shape: [classes, channels], filling: { deviation: 4 * channels ** -0.5, isCentred: true } }, { name: "fc.bias", shape: [classes], filling: { deviation: 0.1 } });
  return { tensors };
}
