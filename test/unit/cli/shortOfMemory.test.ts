/** @file Commands where memory is short: the end of the process that computes is told in a sentence, everything else passes through. */
import { describe, expect, it } from "vitest";
import { runWatched } from "../../../src/cli/shortOfMemory.js";
import { english } from "../../../src/cli/localize.js";
import { errorTexts } from "../../../src/protocol/errorTexts.js";

async function watched(script: string): Promise<{ readonly code: number; readonly told: readonly string[] }> {
  const told: string[] = [];
  const code = await runWatched({ translate: english, out: () => {}, err: (text) => told.push(text), progress: () => {} }, ["-e", script]);
  return { code, told };
}

describe("a watched command", () => {
  it.each([0, 1, 2, 130])("passes its exit code %i on and says nothing", async (code) => expect(await watched(`process.exitCode = ${code}`)).toEqual({ code, told: [] }));

  it.skipIf(process.platform === "win32").each(["SIGABRT", "SIGKILL"])("that ends by %s says in a sentence that memory ran out (skipped on Windows, which has no signals)", async (signal) => {
    expect(await watched(`process.kill(process.pid, "${signal}")`)).toEqual({ code: 1, told: [`${errorTexts.outOfMemory.text} ${errorTexts.outOfMemory.next}`] });
  });

  it("knows that it is watched, and ends with the one that watches", async () => {
    // The child tells by its exit code: marked, and with a channel to the one that started it.
    expect((await watched(`process.exitCode = process.env.WHYLIGHT_WATCHED === "1" && process.connected ? 7 : 8`)).code).toBe(7);
  });
});
