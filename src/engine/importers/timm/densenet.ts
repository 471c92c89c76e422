/** @file DenseNet. timm's norms end with their ReLU, torchvision's ReLUs are modules of their own. */
import { relu } from "../activations.js";
import { classify, convolve, maxPool, normalise, normaliseAndActivate, pooled, type Net } from "./convolutions.js";
import { activated, imageInput, type Family, type Maps, type ModelFacts } from "./family.js";

/** A norm and its ReLU, `norm0` and `relu0`, as either library calls their results. */
function normRelu(net: Net, suffix: string, x: Maps, isTimm: boolean): Maps {
  return isTimm ? normaliseAndActivate(net, `norm${suffix}`, x, relu) : activated(net.writer, relu, normalise(net, `norm${suffix}`, x), `relu${suffix}`);
}

/** Every layer gets all that came before it. */
function denseBlock(net: Net, x: Maps, isTimm: boolean): Maps {
  const { writer } = net;
  const parts = [x];
  const joined = (module?: string): Maps => ({ value: writer.add("Concat", parts.map(({ value }) => value), { axis: 1 }, module), channels: parts.reduce((sum, { channels }) => sum + channels, 0) });
  for (let i = 1; writer.has(`denselayer${i}.conv1.weight`); i++) {
    const all = i === 1 ? x : joined();
    parts.push(writer.within(`denselayer${i}`, () => convolve(net, "conv2", normRelu(net, "2", convolve(net, "conv1", normRelu(net, "1", all, isTimm)), isTimm))));
  }
  return joined("");
}

function write(facts: ModelFacts): string {
  const { writer, isTimm } = facts;
  const net: Net = { writer, epsilon: 1e-5 };
  const image = imageInput(writer, "features.conv0");
  const last = writer.within("features", () => {
    let x = normRelu(net, "0", convolve(net, "conv0", image, { stride: 2 }), isTimm);
    // Deep stems have two more.
    for (let i = 1; writer.has(`conv${i}.weight`); i++) x = normRelu(net, String(i), convolve(net, `conv${i}`, x), isTimm);
    x = maxPool(writer, x, 3, 2, 1, "pool0");
    for (let i = 1; writer.has(`denseblock${i}.denselayer1.conv1.weight`); i++) {
      x = writer.within(`denseblock${i}`, () => denseBlock(net, x, isTimm));
      if (writer.has(`transition${i}.conv.weight`)) x = writer.within(`transition${i}`, () => transition(net, x, isTimm));
    }
    return isTimm ? normaliseAndActivate(net, "norm5", x, relu) : activated(writer, relu, normalise(net, "norm5", x));
  });
  return classify(facts, "classifier", pooled(writer, last, "global_pool"), last.channels);
}

function transition(net: Net, x: Maps, isTimm: boolean): Maps {
  const { value, channels } = convolve(net, "conv", normRelu(net, "", x, isTimm));
  return { value: net.writer.add("AveragePool", [value], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }, "pool"), channels };
}

export const densenet: Family = {
  name: "DenseNet",
  marks: ["features.conv0.weight", "features.denseblock1.denselayer1.conv1.weight", "features.norm5.running_mean"], head: "classifier.weight",
  architectures: /^(tv_)?densenet(121|161|169|201|264d)$/,
  // Of those with deep stems only this one pools as the others do.
  guess: ({ get }, named) => named ?? (get("features.conv1.weight") && !get("features.denseblock3.denselayer64.conv1.weight") ? undefined : "densenet"),
  write,
  // torchvision's features end before the last ReLU.
  layer: ({ isTimm }) => (isTimm ? undefined : "features.norm5"),
};
