/** @file What ONNX Runtime's texts say: which node it cannot run, whether memory ran out, whether the graphics card is gone. */
import { WhylightError } from "../engine/errors.js";
import type { Node } from "../engine/ir/graph.js";
import type { RuntimeName } from "../engine/runtime.js";
import { lostCard, tellsOfLostCard, tellsOfMemory } from "./failureTexts.js";

/** A node's name in what is emitted: unique, and readable in messages. */
export function emittedName(node: Node, index: number): string {
  return `${index}:${node.name}`;
}

/** How messages name a node: at creation by its missing kernel or its types, at run time by its failure. */
const namings = [/node with name '(\d+):/, /node \((\d+):/i, /Name:'(\d+):/];

/** The index of the node that a failure names as one it cannot run, or the operator of which it knows nothing. */
export function blamed(thrown: unknown): { readonly index: number } | { readonly op: string } | undefined {
  const message = messageOf(thrown);
  if (tellsOfMemory(message) || tellsOfLostCard(message)) return undefined;
  for (const naming of namings) {
    const index = naming.exec(message)?.[1];
    if (index !== undefined) return { index: Number(index) };
  }
  const op = /(?:ai\.onnx|):(\w+)\(-?\d+\) is not a registered/.exec(message)?.[1] ?? /No Op registered for (\w+)/.exec(message)?.[1];
  return op === undefined ? undefined : { op };
}

/** ONNX Runtime reports everything as text; running out of memory is worth telling apart, and so is a card that is gone. */
export function failure(runtime: RuntimeName, thrown: unknown): WhylightError {
  if (thrown instanceof WhylightError) return thrown;
  const reason = messageOf(thrown);
  if (tellsOfMemory(reason)) return new WhylightError("outOfMemory", { reason }, { cause: thrown });
  return new WhylightError("runtimeFailed", { runtime, reason: tellsOfLostCard(reason) ? lostCard(reason) : reason }, { cause: thrown });
}

/** Whether a failure was the end of the card. */
export const isLost = (thrown: unknown): boolean => !tellsOfMemory(messageOf(thrown)) && tellsOfLostCard(messageOf(thrown));

const messageOf = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown));
