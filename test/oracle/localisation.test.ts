/**
 * @file Maps of the sample classifier point at the object in pictures it never saw; those of the same net with random weights do not.
 * Grad-CAM on all 50 pictures; every method on a few. `npm run localisation` measures all methods on many and writes docs/localisation.md.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insensitiveMethods } from "../../src/protocol/control.js";
import { methodIds, type MethodId } from "../../src/protocol/api.js";
import { createLocaliser, pictures, type Localisation } from "./localisation.js";
import { textTable } from "./textTable.js";

const isWhole = process.env["WHYLIGHT_LOCALISATION"] === "all";
/** Methods that run the model a hundred times get fewer pictures. */
const slow: ReadonlySet<MethodId> = new Set<MethodId>(["smoothgrad", "integrated-gradients", "gradient-shap", "blur-ig", "guided-ig", "score-cam", "rise", "lime", "kernel-shap", "occlusion"]);
const few = (method: MethodId) => (slow.has(method) ? 2 : 8);
const many = (method: MethodId) => (slow.has(method) ? 12 : pictures.length);
const localiser = createLocaliser();
afterAll(() => localiser.close());

describe("Grad-CAM on held-out pictures", () => {
  const found = {} as Record<"trained" | "random", Localisation>;
  beforeAll(async () => {
    for (const model of ["trained", "random"] as const) found[model] = await localiser.measure(model, "grad-cam", pictures.length);
  });

  it("has 50 pictures and knows them", () => {
    expect(pictures).toHaveLength(50);
    expect(found.trained.right).toBeGreaterThanOrEqual(0.95);
  });

  it("has its maximum on the object in at least 85 %", () => expect(found.trained.hits).toBeGreaterThanOrEqual(0.85));

  it("holds at least 3 times the mass in the mask that its area would", () => expect(found.trained.ratio).toBeGreaterThanOrEqual(3));

  it("does clearly worse with random weights", () => {
    expect(found.random.hits).toBeLessThanOrEqual(found.trained.hits - 0.3);
    expect(found.random.ratio).toBeLessThanOrEqual(found.trained.ratio / 1.5);
  });
});

describe("every method", () => {
  const rows: { method: MethodId; count: number; trained: Localisation; random: Localisation }[] = [];
  it.each(methodIds)("%s looks at the object, or is known not to depend on what the model learned", async (method) => {
    const count = isWhole ? many(method) : few(method);
    const [trained, random] = [await localiser.measure("trained", method, count), await localiser.measure("random", method, count)];
    rows.push({ method, count, trained, random });
    // Better than chance, or marked.
    if (!insensitiveMethods.has(method)) expect(trained.ratio).toBeGreaterThan(1.2);
    if (isWhole) expect(failsControl(trained, random), "marked in the interface").toBe(insensitiveMethods.has(method));
  });

  afterAll(() => {
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    const cells = rows.map(({ method, count, trained, random }) => [
      method, String(count), percent(trained.mass), trained.ratio.toFixed(2), percent(trained.hits), percent(random.mass), random.ratio.toFixed(2), percent(random.hits), failsControl(trained, random) ? "fails" : "",
    ]);
    const head = ["method", "pictures", "mass in mask", "x area", "pointing game", "random: mass", "x area", "pointing game", "control"];
    console.log(textTable([head, ...cells]).join("\n"));
    if (isWhole) writeFileSync(join(import.meta.dirname, "../../docs/localisation.md"), document([head, ...cells]));
  });
});

/** A map that points at the object nearly as well when the weights are random says little about what the model learned. */
function failsControl(trained: Localisation, random: Localisation): boolean {
  return random.ratio > 0.75 * trained.ratio;
}

function document(table: readonly (readonly string[])[]): string {
  const [head = [], ...rows] = table;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `# How well each method points at the object

Held-out pictures of the sample model's kind, each with a mask of its object; every method with its default parameters (those that run the model a hundred times on the first 12 pictures, the others on all ${pictures.length}), explaining the true class's logit.
"Mass in mask" is the mask's share of the drawn map's mass, "x area" that share over the mask's share of the picture (1 is chance), the pointing game the share of maps whose maximum lies in the mask.
The control is the same network with random weights. A method fails it when its maps hold more than three quarters of their "x area" there: they would look as convincing if the model had learned nothing.
Such methods are marked so where they are chosen. Written by \`npm run localisation\`.

${[head, head.map(() => "---"), ...rows].map((cells) => line(cells)).join("\n")}
`;
}
