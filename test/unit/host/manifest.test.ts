/** @file The manifest offers what the code knows: methods, scales, units, commands and panels that come back after a reload. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textUnitKinds } from "../../../src/host/text/textUnits.js";
import { methodIds } from "../../../src/protocol/api.js";
import { textMethodIds, textScales } from "../../../src/protocol/text.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly enum?: readonly string[]; readonly enumDescriptions?: readonly string[]; readonly default?: unknown; readonly order?: number }>> };
  };
}

const { activationEvents, contributes } = JSON.parse(read("package.json")) as Manifest;
const { properties } = contributes.configuration;

describe("the manifest", () => {
  it.each([
    ["whylight.method", methodIds], ["whylight.text.method", textMethodIds], ["whylight.text.unit", textUnitKinds], ["whylight.text.scale", textScales],
  ] as const)("offers every choice of %s, the default first of those for texts", (name, choices) => {
    expect(properties[name]?.enum).toEqual(choices);
    expect(properties[name]?.enumDescriptions?.length).toBe(choices.length);
    expect(properties[name]?.default).toBe(choices[0]);
  });

  it("orders its settings without a gap", () => {
    const orders = Object.values(properties).map(({ order }) => order);
    expect(orders).toEqual(orders.map((_, i) => i + 1));
  });

  it("contributes commands that exist, and names no others in its menus", () => {
    const commands = contributes.commands.map(({ command }) => command);
    const start = read("src/extension.ts");
    expect(commands.filter((command) => !start.includes(`"${command}"`))).toEqual([]);
    const named = Object.values(contributes.menus).flat().flatMap(({ command }) => command ?? []);
    expect(named.filter((command) => !commands.includes(command))).toEqual([]);
  });

  it("wakes for every panel that can come back", () => {
    const types = ["panels", "comparisons", "attentionPanels", "debug/debugPanels", "audit/auditPanels", "models/modelPanels"].map((file) => /const viewType = "(.+?)"/.exec(read(`src/host/${file}.ts`))?.[1]);
    expect(activationEvents).toEqual(types.map((type) => `onWebviewPanel:${type}`));
  });
});
