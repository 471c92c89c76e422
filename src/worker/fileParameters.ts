/** @file Parameters that name files: a baseline image is prepared exactly as the explained one is. */
import { methodOf } from "../engine/attribution/methods.js";
import type { GivenParameters, ParameterSpec, PlainTensor } from "../engine/attribution/parameters.js";
import type { ExplainRequest, ParameterValue } from "../protocol/api.js";
import type { JobResources } from "./jobs.js";
import { prepareImageInput } from "./prepareInput.js";
import type { ReadyJob } from "./runJob.js";

/** The request's parameters with every path among the words of a list replaced by the image's tensor. Throws what is wrong with the image. */
export async function readFileParameters({ images }: JobResources, { method, parameters }: Pick<ExplainRequest, "method" | "parameters">, { model, description }: ReadyJob): Promise<GivenParameters> {
  const table = methodOf(method).parameters;
  const read = async (path: string): Promise<PlainTensor> => {
    const { tensor } = prepareImageInput(model, path, await images.get(path), description.preprocess);
    return { shape: tensor.shape, data: tensor.data as Float32Array };
  };
  const entries = Object.entries(parameters).map(async ([name, value]) => [name, await readFiles(table[name], value, read)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function readFiles(spec: ParameterSpec | undefined, value: ParameterValue, read: (path: string) => Promise<PlainTensor>): Promise<GivenParameters[string]> {
  if (spec?.kind !== "list" || !spec.tensors || typeof value !== "string") return value;
  const items = value.split(",").map((item) => item.trim()).filter((item) => item !== "");
  // A word that is no choice and looks like no file stays, to be refused with the list of choices.
  return Promise.all(items.map(async (item) => (!spec.choices.includes(item) && /[./\\]/.test(item) ? read(item) : item)));
}
