/** @file Tests of the regions that images share: taken away, taken away elsewhere, and put onto others. */
import { join } from "node:path";
import { argMax, probabilities } from "../../engine/attribution/probabilities.js";
import { resizeBilinear } from "../../engine/attribution/maps.js";
import type { RegionCandidate } from "../../engine/audit/summarize.js";
import { mapSide } from "../../engine/audit/record.js";
import type { CounterTest, PlantTest } from "../../engine/audit/summary.js";
import type { CancelSignal } from "../../engine/cancellation.js";
import type { Area } from "../../engine/debug/evidence.js";
import { maskOfArea } from "../../engine/debug/hotRegion.js";
import { elsewhere, masked, type Fill } from "../../engine/debug/masks.js";
import { float32, type Tensor } from "../../engine/ir/tensor.js";
import type { OutputActivation, Preprocess } from "../../engine/preprocess/description.js";
import { answerImages } from "./answerImages.js";
import type { AuditProgram } from "./fittingProgram.js";
import { feedImages } from "./feedImages.js";

export interface CounterTestJob {
  readonly folder: string;
  readonly preprocess: Preprocess;
  readonly activation: OutputActivation;
  readonly labelOf: (file: string) => number;
  readonly programFor: (shape: readonly number[]) => AuditProgram;
  readonly signal: CancelSignal | undefined;
  /** Hears of answers as they come, failures among them. */
  readonly onAnswers: (count: number) => void;
}

/** How often the model is asked about a region. */
export function turnsOf({ files, plantOn }: Pick<RegionCandidate, "files" | "plantOn">): number {
  return files.length * (1 + 2 * fills.length) + (files.length > 0 ? 2 * plantOn.length : 0);
}

export interface TestedRegion {
  readonly masked: CounterTest;
  readonly planted: PlantTest;
}

/** Two fillings: what holds for both does not come from the filling. */
const fills: readonly Fill[] = ["mean", "surroundings"];

/** One input to ask about. */
interface Turn {
  readonly file: string;
  readonly kind: "as it is" | "masked" | "masked elsewhere" | "planted";
  change(tensor: Tensor): Tensor | Promise<Tensor>;
}

/** What the model says of a turn: its class, and the probability of the region's. */
interface TurnAnswer {
  readonly predicted: number;
  readonly probability: number;
}

/** Tests one region on the images it was found in. Images that are answered otherwise by now, or cannot be read any more, are left out. */
export async function testRegion({ group: { predicted }, area, meanMap, files, plantOn }: RegionCandidate, job: CounterTestJob): Promise<TestedRegion> {
  const { preprocess } = job;
  const masks = masksOf(area, meanMap, preprocess.layout);
  const answers = await answersOf(files.flatMap((file): Turn[] => [
    { file, kind: "as it is", change: (tensor) => tensor },
    ...fills.map((fill): Turn => ({ file, kind: "masked", change: (tensor) => masked(tensor, preprocess.layout, masks(tensor).hot, fill) })),
    ...fills.map((fill): Turn => ({ file, kind: "masked elsewhere", change: (tensor) => masked(tensor, preprocess.layout, masks(tensor).control, fill) })),
  ]), predicted, job);
  const isAway = (turn: TurnAnswer) => turn.predicted !== predicted;
  let [tried, changed, corrected, changedElsewhere, before, after] = [0, 0, 0, 0, 0, 0];
  for (const file of files) {
    const [asItIs, without, control] = (["as it is", "masked", "masked elsewhere"] as const).map((kind) => answers.get(`${kind} ${file}`) ?? []);
    if (asItIs!.length === 0 || isAway(asItIs![0]!) || without!.length < fills.length || control!.length < fills.length) continue;
    const label = job.labelOf(file);
    tried++;
    if (without!.every(isAway)) changed++;
    if (label !== predicted && without!.every((turn) => turn.predicted === label)) corrected++;
    // Held against the region: one filling is enough.
    if (control!.some(isAway)) changedElsewhere++;
    before += asItIs![0]!.probability;
    after += without!.reduce((sum, { probability }) => sum + probability, 0) / fills.length;
  }
  const share = (sum: number) => (tried > 0 ? sum / tried : 0);
  return { masked: { tried, changed, corrected, changedElsewhere, before: share(before), after: share(after) }, planted: await plant({ predicted, files, plantOn }, masks, job) };
}

type Masks = (tensor: Tensor) => { readonly hot: Uint8Array; readonly control: Uint8Array };

/** The region as cells of the input, and as much elsewhere; worked out once per input size. */
function masksOf(area: Area, meanMap: readonly number[], layout: Preprocess["layout"]): Masks {
  const made = new Map<string, ReturnType<Masks>>();
  return ({ shape }) => {
    const known = made.get(shape.join());
    if (known) return known;
    const [height, width] = layout === "NCHW" ? [shape[2]!, shape[3]!] : [shape[1]!, shape[2]!];
    const hot = maskOfArea(area, [height, width]);
    const map = resizeBilinear({ shape: [mapSide, mapSide], data: Float32Array.from(meanMap) }, [height, width]);
    const masks = { hot, control: elsewhere(hot, map) };
    made.set(shape.join(), masks);
    return masks;
  };
}

/** Puts the region's values of the first image onto the first of the others, and so on. */
async function plant({ predicted, files, plantOn }: Pick<RegionCandidate, "files" | "plantOn"> & { readonly predicted: number }, masks: Masks, job: CounterTestJob): Promise<PlantTest> {
  if (files.length === 0) return { tried: 0, turned: 0 };
  const feed = feedImages();
  const turns = plantOn.flatMap((file, i): Turn[] => [
    { file, kind: "as it is", change: (tensor) => tensor },
    {
      file, kind: "planted",
      change: async (tensor) => {
        const from = await feed(join(job.folder, files[i % files.length]!), job.preprocess);
        if ("code" in from || String(from.shape) !== String(tensor.shape)) return tensor;
        return withCells(tensor, from.values, masks(tensor).hot, job.preprocess.layout);
      },
    },
  ]);
  const answers = await answersOf(turns, predicted, job);
  const pairs = plantOn.flatMap((file) => {
    const [before] = answers.get(`as it is ${file}`) ?? [];
    const [after] = answers.get(`planted ${file}`) ?? [];
    return before && after && before.predicted !== predicted ? [after] : [];
  });
  return { tried: pairs.length, turned: pairs.filter((after) => after.predicted === predicted).length };
}

function withCells({ shape, data }: Tensor, from: Float32Array, mask: Uint8Array, layout: Preprocess["layout"]): Tensor {
  const values = Float32Array.from(data as Float32Array);
  const channels = values.length / mask.length;
  for (let place = 0; place < mask.length; place++) {
    if (mask[place] === 0) continue;
    for (let c = 0; c < channels; c++) {
      const at = layout === "NCHW" ? c * mask.length + place : place * channels + c;
      values[at] = from[at]!;
    }
  }
  return float32(shape, values);
}

/** Answers by "kind file", in the order of the turns. */
async function answersOf(turns: readonly Turn[], predicted: number, { folder, preprocess, activation, programFor, signal, onAnswers }: CounterTestJob): Promise<Map<string, TurnAnswer[]>> {
  const feed = feedImages();
  const answers = new Map<string, TurnAnswer[]>();
  await answerImages({
    items: turns, ahead: fills.length * 4, programFor, signal,
    see: ({ file, change }) => feed(join(folder, file), preprocess, change),
    each: (answered) => {
      onAnswers(answered.length);
      for (const one of answered) {
        if ("failure" in one) continue;
        const { item: { file, kind }, answer: { logits } } = one;
        const key = `${kind} ${file}`;
        answers.set(key, [...(answers.get(key) ?? []), { predicted: argMax(logits), probability: probabilities(logits, activation)[predicted]! }]);
      }
    },
  });
  return answers;
}
