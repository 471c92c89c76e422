/** @file The zoo's rows as a Markdown table, with the counts that decide. */
import { faultOf, notCounted, toleranceOf, type Outcome, type Row } from "./row.js";

/** How many of the counted files pass on a runtime. */
export interface Count {
  readonly runtime: string;
  readonly passed: number;
  readonly counted: number;
}

const e = (value: number) => value.toExponential(1);

/** Passes per runtime, and over all: a file passes over all when it does on every runtime. */
export function countsOf(rows: readonly Row[], runtimes: readonly string[]): Count[] {
  const counted = rows.filter((row) => notCounted(row) === undefined);
  return runtimes.map((runtime) => ({ runtime, passed: counted.filter((row) => faultOf(row, row.outcomes[runtime]) === undefined).length, counted: counted.length }));
}

/** The text of TABLE.md. */
export function tableOf(rows: readonly Row[], runtimes: readonly string[], versions: string): string {
  const architectures = new Set(rows.map(({ name }) => name)).size;
  const head = ["architecture", "exporter", "opset", "nodes", ...runtimes.flatMap((runtime) => [`${runtime}: logits`, "gradient"]), "default Grad-CAM layer", "grid", "verdict"];
  const lines = rows.map((row) => {
    const outcomes = runtimes.map((runtime) => row.outcomes[runtime]);
    const cam = outcomes.map((outcome) => (outcome !== undefined && "cam" in outcome ? outcome.cam : undefined)).find((found) => found !== undefined);
    const cells = outcomes.flatMap((outcome) => errorCells(outcome));
    return [row.name, row.file.exporter, row.file.opset ?? "", row.file.nodes ?? "", ...cells, cam === undefined ? "" : `${cam.layer} (${cam.op})`, cam === undefined ? "" : cam.grid.join("×"), verdict(row, runtimes)];
  });
  return [
    "# The architecture zoo", "",
    `${architectures} architectures from torchvision, timm and transformers with random weights, exported by both of PyTorch's exporters (${versions}).`,
    "Figures are max |a − b| / max |b| against PyTorch's float64: of the logits, and of the gradient of one logit with respect to the image (text: the word embedding's output).",
    "A row passes when both are at most 1e-4, or three times what PyTorch's own float32 is away from float64 where that is more. Made by `npm run zoo`.", "",
    ...countsOf(rows, runtimes).map(({ runtime, passed, counted }) => `- ${runtime}: ${passed} of ${counted} files pass (${((100 * passed) / counted).toFixed(1)} %)`),
    `- not counted, because the file does not exist or computes something else even as it is: ${rows.filter((row) => notCounted(row) !== undefined).length}`, "",
    `| ${head.join(" | ")} |`, `|${head.map(() => " --- ").join("|")}|`, ...lines.map((line) => `| ${line.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`), "",
  ].join("\n");
}

function errorCells(outcome: Outcome | undefined): readonly string[] {
  return outcome === undefined || "error" in outcome ? ["–", "–"] : [e(outcome.logits), e(outcome.gradient)];
}

function verdict(row: Row, runtimes: readonly string[]): string {
  const skipped = notCounted(row);
  if (skipped !== undefined) return `not counted: ${skipped}`;
  const faults = runtimes.flatMap((runtime) => {
    const fault = faultOf(row, row.outcomes[runtime]);
    return fault === undefined ? [] : [{ runtime, fault }];
  });
  if (faults.length > 0) return new Set(faults.map(({ fault }) => fault)).size === 1 && faults.length === runtimes.length ? `fails: ${faults[0]!.fault}` : faults.map(({ runtime, fault }) => `fails on ${runtime}: ${fault}`).join("; ");
  const loosened = Object.entries(toleranceOf(row)).filter(([, allowed]) => allowed > 1e-4);
  const remark = runtimes.map((runtime) => row.outcomes[runtime]).map((outcome) => (outcome && "cam" in outcome ? outcome.cam?.remark : undefined)).find((text) => text !== undefined);
  return ["passes", ...loosened.map(([what, allowed]) => `${what} allowed ${e(allowed)}`), ...(remark === undefined ? [] : [`Grad-CAM: ${remark}`])].join("; ");
}
