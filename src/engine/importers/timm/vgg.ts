/** @file VGG and AlexNet: convolutions one behind the other, whose numbers tell what stands between them. */
import { relu } from "../activations.js";
import { linear } from "../modules.js";
import { classify, convolve, maxPool, normalise, pooled, type Net } from "./convolutions.js";
import { activated, imageInput, refuse, type Family, type Maps, type ModelFacts } from "./family.js";
import { adaptiveMean } from "./adaptiveMean.js";

/** How the convolutions of one architecture are laid out beside what their weights say. */
interface Layout {
  /** Of the first convolution. */
  readonly stride: number;
  readonly padding: number | undefined;
  readonly pool: readonly [kernel: number, stride: number];
  /** The side of the map that the first linear layer gets. */
  readonly side: number;
}

const vggLayout: Layout = { stride: 1, padding: undefined, pool: [2, 2], side: 7 };
const alexNetLayout: Layout = { stride: 4, padding: 2, pool: [3, 2], side: 6 };

/** A map whose size is known. */
interface SizedMaps extends Maps {
  readonly size: readonly [number, number];
}

/** The numbers in the names of weights `prefix.<number>.weight` that are convolutions or linear layers, in order. */
function numbered({ weights }: Net["writer"], prefix: string): readonly number[] {
  const numbers = weights.names.map((name) => (name.startsWith(`${prefix}.`) && name.endsWith(".weight") ? Number(name.slice(prefix.length + 1, -".weight".length)) : NaN));
  return numbers.filter((number) => Number.isInteger(number) && weights.get(`${prefix}.${number}.weight`)!.shape.length > 1).toSorted((a, b) => a - b);
}

/** `features`: a convolution, its norm where there is one, ReLU; and a pooling wherever a number is left over, and at the end. */
function features(net: Net, image: SizedMaps, layout: Layout): SizedMaps {
  const { writer } = net;
  const numbers = numbered(writer, "features");
  let x = image;
  numbers.forEach((number, i) => {
    const { shape: [, , kernel = 3] } = writer.weights.get(`features.${number}.weight`)!;
    const stride = i === 0 ? layout.stride : 1;
    const padding = (i === 0 ? layout.padding : undefined) ?? Math.floor(kernel / 2);
    let maps = convolve(net, `features.${number}`, x, { stride, padding });
    let next = number + 1;
    if (writer.has(`features.${next}.running_mean`)) maps = normalise(net, `features.${next++}`, maps);
    maps = activated(writer, relu, maps, `features.${next++}`);
    let size = slid(x.size, kernel, stride, padding);
    if (next !== numbers[i + 1]) {
      maps = maxPool(writer, maps, ...layout.pool, 0, `features.${next}`);
      size = slid(size, ...layout.pool, 0);
    }
    if (size.some((side) => side < 1)) refuse(writer, `VGG or AlexNet for images of ${image.size.join(" x ")} pixels, which are too small,`);
    x = { ...maps, size };
  });
  return x;
}

/** The size behind a sliding window. */
const slid = (size: readonly [number, number], kernel: number, stride: number, padding: number) =>
  size.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1) as unknown as readonly [number, number];

/** timm's head: linear layers as convolutions, so that larger images give more of them, which are averaged. */
function convolutionalHead(facts: ModelFacts, net: Net, x: SizedMaps): string {
  const { writer } = facts;
  const side = writer.shapeOf("pre_logits.fc1.weight")?.[2] ?? 7;
  const wide = x.size.map((size) => Math.max(size, side)) as unknown as readonly [number, number];
  const fitted: Maps = { ...x, value: adaptiveMean(writer, x.value, x.size, wide, "pre_logits.pool") };
  const first = activated(writer, relu, convolve(net, "pre_logits.fc1", fitted, { padding: 0 }), "pre_logits.act1");
  const second = activated(writer, relu, convolve(net, "pre_logits.fc2", first), "pre_logits.act2");
  return classify(facts, "head.fc", pooled(writer, second, "head.global_pool"), second.channels);
}

/** torchvision's head: linear layers of one map with a fixed size. */
function linearHead(facts: ModelFacts, x: SizedMaps, { side }: Layout): string {
  const { writer } = facts;
  const numbers = numbered(writer, "classifier");
  let values = writer.add("Flatten", [adaptiveMean(writer, x.value, x.size, [side, side], "avgpool")], { axis: 1 });
  for (const number of numbers.slice(0, -1)) values = relu(writer, linear(writer, `classifier.${number}`, values), `classifier.${number + 1}`);
  return classify(facts, `classifier.${numbers.at(-1)}`, values);
}

function write(facts: ModelFacts): string {
  const { writer, size = [224, 224] } = facts;
  const net: Net = { writer, epsilon: 1e-5 };
  const layout = (writer.shapeOf("features.0.weight")?.[2] ?? 3) === 3 ? vggLayout : alexNetLayout;
  const x = features(net, { ...imageInput(writer, "features.0", size), size }, layout);
  return writer.has("pre_logits.fc1.weight") ? convolutionalHead(facts, net, x) : linearHead(facts, x, layout);
}

const guess: Family["guess"] = (_, named) => named ?? "vgg";

export const timmVgg: Family = { name: "VGG", marks: ["features.0.weight", "pre_logits.fc1.weight"], head: "head.fc.weight", architectures: /^vgg(11|13|16|19)(_bn)?$/, guess, write };

export const vgg: Family = {
  name: "VGG", marks: ["features.0.bias"], head: "classifier.6.weight", architectures: /^(vgg(11|13|16|19)(_bn)?|alexnet)$/, guess, write,
};
