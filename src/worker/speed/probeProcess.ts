/** @file The program of the process that measures one runtime, since native code may end its process: started with the runtime's name and the detail it was measured with, it prints one line of JSON. */
import type { RuntimeName } from "../../engine/runtime.js";
import { runtimeLoaders } from "../../runtimes/choose.js";
import { probeRuntime, type ProbeResult } from "./probe.js";

/** `absent` runtimes do not work here, or are emulated; one with the detail that is known is not measured again. */
export type ProbeAnswer = { readonly absent: true } | { readonly unchanged: true } | ({ readonly detail: string } & ProbeResult);

async function answer(name: RuntimeName, known: string | undefined): Promise<ProbeAnswer> {
  const runtime = await runtimeLoaders[name]().catch(() => undefined);
  if (runtime === undefined || runtime.isEmulated === true) return { absent: true };
  const { detail } = runtime;
  if (detail === known) return { unchanged: true };
  const reasonOf = (thrown: unknown) => `it did not finish the probe: ${thrown instanceof Error ? thrown.message.split("\n")[0] : String(thrown)}`;
  return { detail, ...(await probeRuntime(runtime).catch((thrown: unknown) => ({ unfit: reasonOf(thrown) }))) };
}

// Ends with whoever asked: nobody waits for the answer then.
process.stdin.on("end", () => process.exit(0)).resume();

void answer(process.argv[2] as RuntimeName, process.argv[3]).then((found) => {
  // Threads of a runtime may hold the loop open for seconds.
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
});
