/** @file Setting up TensorFlow for Node, as it crosses to the worker and back. */
import type { ErrorCode, ErrorData } from "../engine/errors.js";

/** What pip is asked for when an environment is made. */
export const tensorflowPackages = ["tensorflow-cpu", "tensorflow", "tensorflow[and-cuda]"] as const;
export type TensorflowPackage = (typeof tensorflowPackages)[number];

export interface SetupRequest {
  /** The folder that everything goes into; `undefined` for the one in this machine's cache. */
  readonly folder: string | undefined;
  /** The Python whose TensorFlow is used, or that makes the environment; found by itself when `undefined`. */
  readonly python: string | undefined;
  /** Chosen by the machine when `undefined`, unless a Python has TensorFlow already. */
  readonly package: TensorflowPackage | undefined;
}

export type SetupStepId = "package" | "official" | "environment" | "wheel" | "binding" | "trial";

/** One step; its title is made from the id and the facts. */
export interface SetupStep {
  readonly id: SetupStepId;
  readonly facts: ErrorData;
  /** About how much is loaded from the network, and what then stays on the disk. */
  readonly downloadBytes: number;
  readonly diskBytes: number;
  /** Whether a set-up before this one has done it. */
  readonly isDone: boolean;
}

/** The official packages with their own TensorFlow, or the TensorFlow of a Python environment. */
export type SetupWayId = "official" | "python";

export interface SetupWay {
  readonly id: SetupWayId;
  readonly steps: readonly SetupStep[];
}

/** Why a way is closed or was given up. */
export interface SetupObstacle {
  readonly way: SetupWayId;
  readonly code: ErrorCode;
  readonly data: ErrorData;
}

/** What people agree to. */
export interface SetupPlan {
  readonly folder: string;
  /** Tried in this order until one works. */
  readonly ways: readonly SetupWay[];
  readonly obstacles: readonly SetupObstacle[];
  readonly freeBytes: number;
}

export interface SetupProgress {
  readonly way: SetupWayId;
  readonly step: SetupStep;
  /** From 0, among `count` steps of this way. */
  readonly index: number;
  readonly count: number;
  readonly state: "begun" | "working" | "done" | "kept" | "failed";
  /** The last line that the program behind the step wrote. */
  readonly line: string;
  /** Seconds since the step began. */
  readonly seconds: number;
}

export interface SetupResult {
  readonly folder: string;
  readonly way: SetupWayId;
  /** "TensorFlow 2.21.0, CPU, through @tensorflow/tfjs-node 4.22.0". */
  readonly detail: string;
  readonly diskBytes: number;
  /** Ways that were tried before and did not work. */
  readonly givenUp: readonly SetupObstacle[];
}

export interface SetupCalls {
  /** Loads nothing and writes nothing. Throws `toolMissing`, `pythonUnsuitable`, `setupFailed` when no way is open. */
  planTensorflow(p: SetupRequest): SetupPlan;
  /** Does what is not done yet. Throws `toolMissing`, `pythonUnsuitable`, `setupFailed`, `outputUnwritable`, `cancelled`. */
  setUpTensorflow(p: SetupRequest): SetupResult;
  /** Removes what a set-up wrote, finished or not. Throws `outputUnwritable`, `setupFailed` while one is at work. */
  removeTensorflow(p: { readonly folder: string | undefined }): { readonly folder: string; readonly bytes: number };
}
