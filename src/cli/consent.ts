/** @file Asks before anything is loaded or removed. */
import { createInterface } from "node:readline/promises";

/** Nobody to ask is a no: scripts say --yes. */
export async function askOnTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
