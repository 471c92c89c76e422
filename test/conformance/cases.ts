/** @file The ONNX project's backend tests as they lie on disk: a model and recorded inputs and outputs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { initializerOf } from "../../src/engine/importers/onnx/tensorProto.js";
import { decodeTensor } from "../../src/engine/importers/onnx/proto.js";
import { isInMemory } from "../../src/engine/ir/graph.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";

/** The folders of the package that hold whole models; `real` only names downloads. */
const suites = ["node", "simple", "pytorch-operator", "pytorch-converted"] as const;

/** One model with the folders of its recordings. */
export interface ConformanceCase {
  /** "node/test_abs". */
  readonly name: string;
  readonly model: string;
  readonly recordings: readonly string[];
}

/** Recorded values in the order of the model's inputs and outputs. */
export interface Recording {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Every test of the package, in a fixed order. */
export function conformanceCases(folder: string): ConformanceCase[] {
  return suites.flatMap((suite) => readdirSync(join(folder, suite)).sort().map((test) => {
    const at = join(folder, suite, test);
    const recordings = readdirSync(at).filter((name) => name.startsWith("test_data_set_")).sort().map((name) => join(at, name));
    return { name: `${suite}/${test}`, model: join(at, "model.onnx"), recordings };
  }));
}

/** Reads one recording. Throws what decoding throws, for values that are no tensors. */
export function readRecording(folder: string): Recording {
  const numbered = (kind: string) => readdirSync(folder).filter((name) => name.startsWith(`${kind}_`)).sort((a, b) => indexOf(a) - indexOf(b)).map((name) => readTensor(join(folder, name)));
  return { inputs: numbered("input"), outputs: numbered("output") };
}

const indexOf = (name: string) => Number(/\d+/.exec(name)![0]);

function readTensor(file: string): Tensor {
  const tensor = initializerOf(decodeTensor(new Uint8Array(readFileSync(file))), () => { throw new Error("a recording has no external data"); });
  if (!isInMemory(tensor)) throw new Error("a recording has no external data");
  return tensor;
}
