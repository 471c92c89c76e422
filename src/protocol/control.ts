/** @file Which methods point at the object nearly as well when the model's weights are random, by measurement (docs/localisation.md, held by a test). */
import type { MethodId } from "./api.js";

/** Methods that failed the random-weight control: marked so wherever they are chosen. */
export const insensitiveMethods: ReadonlySet<MethodId> = new Set<MethodId>(["deconvnet", "eigen-cam"]);
