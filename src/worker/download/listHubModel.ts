/** @file What a hub says of a model: its files, their sizes, its licence. */
import { WhylightError } from "../../engine/errors.js";
import { huggingFaceTypes } from "../../engine/importers/huggingface/importHuggingFace.js";
import { isRecord } from "../../engine/preprocess/fields.js";
import type { HubFile, HubListing, HubModel } from "../../protocol/download.js";
import type { JobContext } from "../jobs.js";
import { PassingFailure, reasonOf, requestHub } from "./hubRequest.js";
import { isSafePath, neededFiles } from "./neededFiles.js";
import { tryAgain, type TryOptions } from "./tryAgain.js";

/** A longer answer lists no model's files. */
const longestAnswer = 32e6;
const revisionName = /^[\w.][\w./-]*$/;
const modelName = /^[\w.-]+(\/[\w.-]+)?$/;

/** Asks the hub. Nothing is loaded but the list. Throws `hubUnknown`, `hubForbidden`, `hubFailed`, `cancelled`. */
export async function listHubModel(model: HubModel, { signal }: JobContext, options: Partial<TryOptions> = {}): Promise<HubListing> {
  const { name, revision, endpoint } = model;
  if (!modelName.test(name) || !revisionName.test(revision) || /(^|\/)\.\.?(\/|$)/.test(`${name}/${revision}`)) throw new WhylightError("hubUnknown", { name, endpoint });
  const answer = await tryAgain({ name, signal, ...options }, (stop) => readJson(model, `api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`, stop));
  const { sha, siblings } = answer;
  if (typeof sha !== "string" || !Array.isArray(siblings)) throw new WhylightError("hubFailed", { name, reason: `${endpoint} does not answer like a hub of models` });
  const stated = siblings.flatMap((entry: unknown) => fileOf(entry) ?? []);
  const needed = neededFiles(stated.map(({ path }) => path), isKnown(answer));
  return {
    name, commit: sha, isGated: answer["gated"] !== undefined && answer["gated"] !== false, license: licenseOf(answer),
    task: typeof answer["pipeline_tag"] === "string" ? answer["pipeline_tag"] : undefined,
    files: stated.map((file) => ({ ...file, isNeeded: needed.has(file.path) })),
  };
}

async function readJson(model: HubModel, path: string, stop: AbortSignal): Promise<Record<string, unknown>> {
  const response = await requestHub(model, path, stop);
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.length > longestAnswer) throw new WhylightError("hubFailed", { name: model.name, reason: `the answer of ${model.endpoint} is too long` });
    }
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    throw new PassingFailure(reasonOf(thrown));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below, with everything else that is no list of files.
  }
  throw new WhylightError("hubFailed", { name: model.name, reason: `${model.endpoint} does not answer like a hub of models` });
}

/** A file of the list; files with paths that lead elsewhere, or without a size, are no files of a model. */
function fileOf(entry: unknown): Omit<HubFile, "isNeeded"> | undefined {
  if (!isRecord(entry)) return undefined;
  const { rfilename: path, size, lfs, blobId } = entry;
  if (typeof path !== "string" || !isSafePath(path) || !Number.isSafeInteger(size) || (size as number) < 0) return undefined;
  const sha256 = isRecord(lfs) && typeof lfs["sha256"] === "string" && /^[0-9a-f]{64}$/.test(lfs["sha256"]) ? lfs["sha256"] : undefined;
  // Of a large file this is the blob of the pointer to it, not of its content.
  const gitSha1 = sha256 === undefined && typeof blobId === "string" && /^[0-9a-f]{40}$/.test(blobId) ? blobId : undefined;
  return { path, bytes: size as number, sha256, gitSha1 };
}

function isKnown({ config, library_name: library }: Record<string, unknown>): boolean {
  return library === "timm" || (isRecord(config) && typeof config["model_type"] === "string" && huggingFaceTypes.has(config["model_type"]));
}

function licenseOf({ cardData, tags }: Record<string, unknown>): string | undefined {
  const stated = isRecord(cardData) ? (cardData["license_name"] ?? cardData["license"]) : undefined;
  if (typeof stated === "string") return stated;
  const tag = Array.isArray(tags) ? tags.find((one): one is string => typeof one === "string" && one.startsWith("license:")) : undefined;
  return tag?.slice("license:".length);
}
