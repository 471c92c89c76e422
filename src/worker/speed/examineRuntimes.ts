/** @file Every runtime's state, speed, and what `auto` takes it for. */
import { modelFamilies } from "../../engine/ir/flops.js";
import type { DoctorRequest, RuntimeStatus } from "../../protocol/api.js";
import type { JobContext, JobResources } from "../jobs.js";
import { measureRuntimes } from "./measure.js";

/** Measures first where asked to, in its turn among the jobs. Throws `cancelled`. */
export async function examineRuntimes(
  { runtimes, speeds, probe }: JobResources, { measure }: DoctorRequest, context: JobContext, inTurn: (context: JobContext, job: () => Promise<void>) => Promise<void>,
): Promise<RuntimeStatus[]> {
  const states = await runtimes.states();
  const eligible = states.filter(({ ok, isEmulated }) => ok && !isEmulated);
  const names = eligible.filter(({ name, detail }) => measure === "all" || speeds.measured(name)?.detail !== detail).map(({ name }) => name);
  if (probe && measure !== "none") {
    await inTurn(context, () => measureRuntimes(speeds, probe, {
      names, anew: measure === "all", signal: context.signal, onRuntime: (runtime, index, count) => context.onMeasure?.({ runtime, index, count }),
    }));
  }
  const first = modelFamilies.map((family) => ({ family, name: speeds.plan(family).order.find((name) => eligible.some((state) => state.name === name)) }));
  return states.map((state) => {
    const { rates = {}, unfit = "" } = speeds.measured(state.name) ?? {};
    return { ...state, rates: state.ok ? rates : {}, unfit: state.ok ? unfit : "", takenFor: first.filter(({ name }) => name === state.name).map(({ family }) => family) };
  });
}
