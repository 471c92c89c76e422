/** @file How the time of an input gradient grows with the batch, with the side of images and with the length of texts, on both sides. */
import { compare } from "./compare.js";
import { imagePeer } from "./imageCases.js";
import { imageSide } from "./imageSide.js";
import { drawImages, shareImages } from "./images.js";
import { exact, upToEdges } from "./measure.js";
import { withPeer, type Peer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row, Table } from "./table.js";
import { onText } from "./textCases.js";

const batches = [1, 2, 4, 8, 16];
const sides = [160, 224, 320, 448];
const lengths = [32, 64, 128, 256, 512];
const mostRuns = 3;

/** A table for each thing that grows: milliseconds of both sides, and what one more unit of it costs here. */
export async function growth({ setup, runs }: Options): Promise<Table[]> {
  const rounds = { warmUps: 1, runs: Math.min(runs, mostRuns) };
  const measured = async (peer: Peer | undefined, tolerance: number, run: string, compute: () => Promise<Float32Array>) =>
    (await compare({ name: `growth, ${run}`, compute, tolerance, rivals: [{ run, name: "PyTorch" }] }, peer, rounds))[0]!;
  shareImages(setup.work);
  for (const side of sides.filter((other) => other !== 224)) shareImages(setup.work, 1, side);
  const [byBatch, bySide] = await withPeer(setup, "images.py", imagePeer(setup, "resnet50"), async (peer) => {
    const net = await imageSide(setup.model("resnet50"));
    const gradient = (run: string, count: number, side?: number) => {
      const input = drawImages(count, side);
      return measured(peer, upToEdges, run, () => net.map("saliency", input));
    };
    return [await forEach(batches, (count) => gradient(`gradient-${count}`, count)), await forEach(sides, (side) => gradient(`gradient-side-${side}`, 1, side))] as const;
  });
  const byLength = await onText({ setup }, "bert-base", (text, peer) => forEach(lengths, (length) => measured(peer, exact, `gradient-${length}`, () => text.gradient(length))));
  return [
    tableOf("Input gradient, ResNet-50, by batch", "images", batches, byBatch), tableOf("Input gradient, ResNet-50, 1 image, by side", "side", sides, bySide),
    tableOf("Input gradient, BERT-base, by length", "tokens", lengths, byLength),
  ];
}

async function forEach<Item, Result>(items: readonly Item[], measure: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await measure(item));
  return results;
}

function tableOf(title: string, unit: string, sizes: readonly number[], rows: readonly Row[]): Table {
  const cells = sizes.map((size, i) => {
    const { ours, theirs } = rows[i]!;
    return [size, Number(ours.median.toFixed(1)), theirs ? Number(theirs.median.toFixed(1)) : "", theirs ? Number((ours.median / theirs.median).toFixed(2)) : ""];
  });
  return { title, heads: [unit, "Whylight, ms", "PyTorch, ms", "ratio"], cells };
}
