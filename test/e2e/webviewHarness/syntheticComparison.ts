/** @file States of a comparison made by hand: maps that differ in known ways. */
import { defaultHeatmap } from "../../../src/drawing/heatmap.js";
import type { Explanation, ImagePreview, MethodId } from "../../../src/protocol/api.js";
import { defaultTiles, tileRequests, type ComparisonKind, type ComparisonState, type ComparisonTile } from "../../../src/protocol/comparison.js";
import { factsOf } from "../../../src/protocol/methodFacts.js";
import { catalogue, explanation } from "./syntheticState.js";

const plane = 224 * 224;

/** A repeatable number in -1 to 1 for a place of a map. */
const grain = (i: number, seed: number) => { const wave = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453; return 2 * (wave - Math.floor(wave)) - 1; };

/** A hill on the input's pixels, its height by the channel, with as much grain as said. */
function hill(height: number, roughness: number, seed: number, row = 80, column = 140): Explanation["attribution"] {
  return {
    shape: [1, 3, 224, 224],
    data: Float32Array.from({ length: 3 * plane }, (_, i) => {
      const [y, x] = [Math.floor((i % plane) / 224), i % 224];
      const shape = Math.exp(-((y - row) ** 2 + (x - column) ** 2) / 1800);
      return height * ([1, 0.5, -0.25][Math.floor(i / plane)] ?? 0) * (shape + roughness * grain(i, seed) * (0.15 + shape));
    }),
  };
}

/** What a finished tile shows. The places of the hills, their heights and their grain are all that tells tiles apart. */
export function tileExplanation(kind: ComparisonKind, id: string, change: Partial<Explanation> = {}): Explanation {
  const method = tileRequests(kind, [id])[0]?.method ?? "saliency";
  const at = Math.max(0, ["black", "white", "random", "blur", "mean"].indexOf(id));
  const attributions: Readonly<Record<ComparisonKind, () => Explanation["attribution"] | undefined>> = {
    methods: () => (method === "grad-cam" ? undefined : hill(0.01, method === "saliency" ? 1.5 : method === "smoothgrad" ? 0.2 : 0.6, method.length)),
    baselines: () => hill(0.01 * (1 + at), 0.3, at, 80 + 8 * at, 140 - 20 * at),
    samples: () => hill(0.01, 3 / Math.sqrt(Number(id)), 1),
  };
  const costs: Readonly<Partial<Record<MethodId, Partial<Explanation>>>> = {
    "grad-cam": { ms: { load: 0, compile: 0, compute: 48, draw: 1 } },
    saliency: { ms: { load: 0, compile: 0, compute: 51, draw: 1 } },
    smoothgrad: { evaluations: { forward: 1, gradient: 50 }, ms: { load: 0, compile: 0, compute: 1630, draw: 1 } },
    "integrated-gradients": { evaluations: { forward: 1, gradient: 50 }, completeness: { gap: 0.02, relative: 0.004 * (at + 1) }, ms: { load: 0, compile: 0, compute: 1580 + 10 * at, draw: 1 } },
  };
  const base = explanation(method, 0, costs[method]);
  const attribution = attributions[kind]() ?? base.attribution;
  const summary = catalogue.find((one) => one.id === method);
  const heatmap = defaultHeatmap(attribution, { form: attribution.shape.length === 2 ? "grid" : "pixels", drawn: summary?.drawn ?? "max-abs" }, [224, 224]);
  return { ...base, attribution, heatmap, ...change };
}

/** A tile in any status; the strings that the host translates stay English. */
export function comparisonTile(kind: ComparisonKind, id: string, change: Partial<ComparisonTile> = {}): ComparisonTile {
  const [request] = tileRequests(kind, [id]);
  if (!request) throw new Error(`no tile ${id}`);
  return { ...request, status: "waiting", busy: undefined, explanation: undefined, failure: undefined, notes: [], facts: factsOf(request.method), ...change };
}

/** A fresh comparison. */
export function comparisonState(kind: ComparisonKind, image: ImagePreview | undefined, change: Partial<ComparisonState> = {}): ComparisonState {
  return {
    strings: {}, kind, modelName: "resnet50.onnx", imageName: "cat on a wall.jpg", image, tiles: defaultTiles[kind].map((id) => comparisonTile(kind, id)),
    compared: { target: "predicted", versus: undefined, score: "logit", layer: undefined }, failure: undefined, catalogue, ...change,
  };
}
