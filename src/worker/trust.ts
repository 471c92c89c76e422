/** @file One examination of how far a map can be trusted, from files to a report that grows test by test. */
import { recordParameters } from "../engine/attribution/parameters.js";
import { parametersOfLibrary } from "../engine/attribution/referenceModes.js";
import type { Examined } from "../engine/attribution/trust/environment.js";
import { readTrustSettings } from "../engine/attribution/trust/settings.js";
import { examineTrust } from "../engine/attribution/trust/trust.js";
import { probabilities } from "../engine/attribution/probabilities.js";
import { defaultHeatmap } from "../drawing/heatmap.js";
import { trustTests, type TrustFinding, type TrustReport, type TrustRequest } from "../protocol/trust.js";
import { layersAsked, readTarget } from "./explain.js";
import { readFileParameters } from "./fileParameters.js";
import { guardProgram } from "./guardProgram.js";
import type { JobContext, JobResources } from "./jobs.js";
import { batchMemory } from "./memory.js";
import { predictionOf } from "./predictions.js";
import { checkNumbers, computeOn, runNotes, modelFacts, readJob, runtimeUsed } from "./runJob.js";

/** Tests the map of one input by one method. Paths are absolute. */
export async function examineInput(resources: JobResources, request: TrustRequest, context: JobContext): Promise<TrustReport> {
  const settings = readTrustSettings(request.settings ?? {});
  const ready = await readJob(resources, request, context);
  const { model, description, input, notes, load } = ready;
  const { layout } = description.preprocess;
  const wanted = trustTests.filter((test) => request.tests?.includes(test) ?? true);
  const library = request.as === undefined ? {} : parametersOfLibrary(request.as, request.method);
  const parameters = await readFileParameters(resources, { method: request.method, parameters: { ...library, ...request.parameters } }, ready);
  const shared = { model: modelFacts(model, description), input: request.input, method: request.method, settings: recordParameters(settings) };
  const describe = ({ logits, target, used, parameters: values, lowered, evaluations }: Examined, findings: readonly TrustFinding[]) => {
    const prediction = (index: number) => predictionOf(logits, probabilities(logits, description.activation), description.labels, index);
    return {
      ...shared, parameters: values, lowered, evaluations, findings, layer: used.length > 0 ? used.map(({ name }) => name).join(", ") : undefined,
      target: prediction(target.index), versus: target.versus === undefined ? undefined : prediction(target.versus),
    };
  };
  const target = readTarget(request, ready);
  const { outcome, compile, compute } = await computeOn(resources, model, request, context, (job, runtime) => {
    const soFar: TrustFinding[] = [];
    let [done, total] = [0, 1];
    return examineTrust({
      classifier: model.classifier(), input: input.tensor, method: request.method, target, layers: layersAsked(request, ready), parameters,
      pixels: description.preprocess, activation: description.activation, memory: batchMemory(model.programs.held()), tests: wanted, settings, readRange: model.readRange, ...job,
      draw: (attribution, of) => defaultHeatmap(attribution, of, input.size, layout),
      compileOnce: (graph) => guardProgram(runtime, graph, model.readRange),
      report: (...progress) => {
        [done, total] = progress;
        context.onProgress?.("computing", done, total);
      },
      onFinding: (finding, examined) => {
        soFar.push(finding);
        const report = {
          ...describe(examined, [...soFar]), pending: finding.test === "blank" ? [] : wanted.slice(wanted.indexOf(finding.test) + 1).filter((test) => test !== "blank"),
          runtime: { name: runtime.name, detail: runtime.detail, passedOver: [] }, notes: [], ms: { load, compile: 0, compute: 0, draw: 0 },
        };
        context.onTrust?.(report, done, total);
      },
    }, model.prepared(input.tensor.shape));
  });
  const { result, runtime } = outcome;
  checkNumbers(result.logits, runtime);
  return { ...describe(result, result.findings), pending: [], runtime: runtimeUsed(outcome), notes: [...notes, ...runNotes(outcome)], ms: { load, compile, compute, draw: 0 } };
}
