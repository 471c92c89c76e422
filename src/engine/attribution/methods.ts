/** @file The registry of attribution methods, in the order people are shown them. */
import { gradCamMethod } from "./cams/gradCam.js";
import { inputXGradient, saliency } from "./gradients/plain.js";
import type { Method } from "./method.js";

/** Method id to method. */
export const methods = {
  "grad-cam": gradCamMethod,
  saliency,
  "input-x-gradient": inputXGradient,
} as const;

export type MethodName = keyof typeof methods;

/** The method, with its parameters' types left open. */
export function methodOf(name: MethodName): Method {
  return methods[name] as unknown as Method;
}
