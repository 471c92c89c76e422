/** @file Nodes in an order in which every value is written before it is read. */
import { describe, expect, it } from "vitest";
import { inOrder } from "../../../src/engine/importers/onnx/inOrder.js";
import type { Node } from "../../../src/engine/ir/graph.js";

const node = (output: string, ...inputs: string[]): Node => ({ op: "Sum", name: output, inputs, outputs: [output], attributes: {} });
const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name).join("");

describe("nodes", () => {
  it("in order stay as they are", () => {
    const nodes = [node("a", "x"), node("b", "a"), node("c", "x"), node("d", "b", "c")];
    expect(inOrder(nodes)).toBe(nodes);
  });

  it("come before what reads them, and otherwise keep their order", () => {
    expect(names(inOrder([node("d", "b", "c"), node("a", "x"), node("e", "d"), node("c", "x"), node("b", "a")]))).toBe("abcde");
  });

  it("that wait for each other are left for the verifier", () => {
    expect(names(inOrder([node("a", "b"), node("b", "a"), node("c", "x")])).split("").toSorted().join("")).toBe("abc");
  });

  it("in a chain of a hundred thousand the wrong way round are put right", () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => node(`n${i}`, i === 0 ? "x" : `n${i - 1}`));
    expect(inOrder(chain.toReversed()).map(({ name }) => name)).toEqual(chain.map(({ name }) => name));
  });
});
