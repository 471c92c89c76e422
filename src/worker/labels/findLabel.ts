/** @file What an image's surroundings say it is: a labels file, its folder's name, or its own name. */
import { WhylightError } from "../../engine/errors.js";
import type { FoundLabel } from "../../protocol/debug.js";
import type { ModelCache } from "../modelCache.js";

/** The label found, or `undefined`. Paths are absolute. */
export async function findLabel(_models: ModelCache, _request: { readonly model: string; readonly input: string; readonly labels?: string | undefined }): Promise<FoundLabel | undefined> {
  throw new WhylightError("internal", { reason: "under construction" });
}
