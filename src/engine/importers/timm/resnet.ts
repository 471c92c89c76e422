/** @file ResNet, ResNeXt, Wide ResNet and SE-ResNet: torchvision's, and timm's with their deep stems and averaging shortcuts. */
import { relu, sigmoid } from "../activations.js";
import { classify, convolve, maxPool, normalise, pooled, squeezeExcite, type Excitation, type Net } from "./convolutions.js";
import { activated, imageInput, type Family, type Maps, type ModelFacts } from "./family.js";

const excitation: Excitation = { reduce: "fc1", expand: "fc2", activation: relu, gate: sigmoid };

/** One convolution of 7 x 7, or the deep stem's three. */
function stem(net: Net, image: Maps): Maps {
  if (net.writer.has("conv1.weight")) return convolve(net, "conv1", image, { stride: 2 });
  return net.writer.within("conv1", () => {
    const first = activated(net.writer, relu, normalise(net, "1", convolve(net, "0", image, { stride: 2 })), "2");
    return convolve(net, "6", activated(net.writer, relu, normalise(net, "4", convolve(net, "3", first)), "5"));
  });
}

/** The pooling behind it, or the convolution in its place. */
function stemPool(net: Net, x: Maps): Maps {
  if (!net.writer.has("maxpool.0.weight")) return maxPool(net.writer, x, 3, 2, 1, "maxpool");
  return net.writer.within("maxpool", () => activated(net.writer, relu, normalise(net, "1", convolve(net, "0", x, { stride: 2 })), "2"));
}

/** The shortcut: the input itself, a convolution of it, or (ResNet-D) one of its averages. */
function shortcut(net: Net, x: Maps, stride: number): Maps {
  const { writer } = net;
  if (writer.has("downsample.0.weight")) return normalise(net, "downsample.1", convolve(net, "downsample.0", x, { stride }));
  if (!writer.has("downsample.1.weight")) return x;
  const averaged = stride === 1 ? x.value : writer.add("AveragePool", [x.value], { kernel_shape: [2, 2], strides: [stride, stride], pads: [0, 0, 0, 0], ceil_mode: 1, count_include_pad: 0 }, "downsample.0");
  return normalise(net, "downsample.2", convolve(net, "downsample.1", { ...x, value: averaged }));
}

/** A basic block of two convolutions, or a bottleneck of three, whose middle one may have groups and bears the stride. */
function block(net: Net, x: Maps, stride: number, isTimm: boolean): Maps {
  const { writer } = net;
  const isBottleneck = writer.has("conv3.weight");
  const step = (i: number, from: Maps) => normalise(net, `bn${i}`, convolve(net, `conv${i}`, from, { stride: i === (isBottleneck ? 2 : 1) ? stride : 1, isGrouped: isBottleneck && i === 2 }));
  const last = isBottleneck ? 3 : 2;
  let inner = x;
  for (let i = 1; i <= last; i++) {
    inner = step(i, inner);
    if (i < last) inner = activated(writer, relu, inner, isTimm ? `act${i}` : "relu");
  }
  if (writer.has("se.fc1.weight")) inner = squeezeExcite(net, "se", inner, excitation);
  const sum = writer.add("Add", [inner.value, shortcut(net, x, stride).value]);
  return activated(writer, relu, { ...inner, value: sum }, "");
}

function write(facts: ModelFacts): string {
  const { writer, isTimm } = facts;
  const net: Net = { writer, epsilon: 1e-5 };
  const image = imageInput(writer, writer.has("conv1.weight") ? "conv1" : "conv1.0");
  let x = stemPool(net, activated(writer, relu, normalise(net, "bn1", stem(net, image)), isTimm ? "act1" : "relu"));
  for (let stage = 1; writer.has(`layer${stage}.0.conv1.weight`); stage++) {
    for (let i = 0; writer.has(`layer${stage}.${i}.conv1.weight`); i++) x = writer.within(`layer${stage}.${i}`, () => block(net, x, stage > 1 && i === 0 ? 2 : 1, isTimm));
  }
  return classify(facts, "fc", pooled(writer, x, isTimm ? "global_pool" : "avgpool"), x.channels);
}

export const resnet: Family = {
  name: "ResNet",
  marks: ["bn1.running_mean", "layer1.0.conv1.weight", "layer1.0.bn1.running_mean", "layer4.0.conv1.weight"], head: "fc.weight",
  // Anti-aliased ones ("aa", "blur") have the weights of others, and senets their strides elsewhere.
  architectures: /^((tv|gluon|ig|ssl|swsl)_)?(wide_|se)?(resnet|resnext)(rs)?\d+(c|d|s|t|tn)?(_v1[bcds])?(_\d+x\d+d|_2)?$|^test_resnet$/,
  guess: (_, named) => named ?? "resnet",
  write,
};
