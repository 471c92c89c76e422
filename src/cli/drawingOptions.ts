/** @file The options that say how maps are drawn. None of them needs computing again. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { colormapIds, type ColormapId } from "../drawing/colormap.js";
import { gridValueIds, scaleIds, signIds, type DrawStyle, type GridValues, type SignChoice } from "../drawing/style.js";

const pixelValueIds = ["max-abs", "sum-abs", "abs-sum", "sum"] as const;
type PixelValues = (typeof pixelValueIds)[number];

export interface DrawingFlags {
  colormap?: ColormapId;
  opacity?: number;
  values?: { readonly pixelValues?: PixelValues; readonly gridValues?: GridValues };
  sign?: SignChoice;
  clip?: number;
  outlierPerc?: number;
  scale?: DrawStyle["scale"];
  nearest?: boolean;
  contours?: number;
}

/** Adds the options to a command. */
export function addDrawingOptions(command: Command): Command {
  return command
    .addOption(new Option("--colormap <name>", "the colours; left out, viridis, or diverging for signed maps").choices(colormapIds))
    .option("--opacity <share>", "how much the map covers the image, 0 to 1; 0.5 when left out", within(0, 1))
    .option("--values <kind,...>", `what is drawn: ${pixelValueIds.join(", ")} of the channels of pixel maps; ${gridValueIds.join(", ")} of grid maps`, parseValues)
    .addOption(new Option("--sign <kind>", "which sign is drawn").choices(signIds))
    .addOption(new Option("--clip <percent>", "leave this percentage of the places out at each end of the scale").argParser(within(0, 49.9)).conflicts("outlierPerc"))
    .option("--outlier-perc <percent>", "Captum's outlier_perc: leave the largest values out that hold this percentage of the map's mass", within(0, 99))
    .option("--scale <ends>", `${scaleIds.join(", ")}, or two raw values LOW,HIGH that several maps share`, parseScale)
    .option("--nearest", "show the map's own cells instead of smoothing")
    .option("--contours <n>", "draw this many iso-lines", (text) => Math.round(within(0, 50)(text)));
}

/** The choices that were made; the rest is the library's or the default. */
export function drawingChoices({ colormap, opacity, values, sign, clip, outlierPerc, scale, nearest, contours }: DrawingFlags): Partial<DrawStyle> {
  const clipping: Partial<DrawStyle> = clip !== undefined ? { clip: "percentile", clipPercent: clip } : outlierPerc !== undefined ? { clip: "outlier", clipPercent: outlierPerc } : {};
  const given: { readonly [Name in keyof DrawStyle]?: DrawStyle[Name] | undefined } = { colormap, opacity, ...values, sign, scale, interpolation: nearest ? "nearest" : undefined, contours, ...clipping };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<DrawStyle>;
}

function within(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= low && value <= high)) throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
    return value;
  };
}

function parseValues(text: string): DrawingFlags["values"] {
  const read = (name: string): DrawingFlags["values"] => {
    const [pixel, grid] = [pixelValueIds.find((id) => id === name), gridValueIds.find((id) => id === name)];
    if (pixel) return { pixelValues: pixel };
    if (grid) return { gridValues: grid };
    throw new InvalidArgumentError(`It must be among ${[...pixelValueIds, ...gridValueIds].join(", ")}.`);
  };
  return Object.assign({}, ...text.split(",").map((name) => read(name.trim()))) as DrawingFlags["values"];
}

function parseScale(text: string): DrawStyle["scale"] {
  const word = scaleIds.find((id) => id === text);
  const ends = text.split(",").map((end) => (end.trim() === "" ? NaN : Number(end)));
  if (word) return word;
  if (ends.length !== 2 || !ends.every(Number.isFinite) || !(ends[0]! < ends[1]!)) throw new InvalidArgumentError(`It must be ${scaleIds.join(", ")} or LOW,HIGH.`);
  return [ends[0]!, ends[1]!];
}
