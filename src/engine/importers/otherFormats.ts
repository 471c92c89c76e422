/** @file Model files of other programs, told by their first bytes, for which there is a way to ONNX. */
import { WhylightError } from "../errors.js";
import { fileNameOf, type ByteSource } from "./byteSource.js";

interface OtherFormat {
  readonly kind: string;
  readonly offset: number;
  readonly marks: readonly string[];
  readonly command: string;
}

const others: readonly OtherFormat[] = [
  { kind: "llama.cpp (GGUF)", offset: 0, marks: ["GGUF", "lmgg", "fmgg", "tjgg"], command: "optimum-cli export onnx --model NAME onnx/, where NAME is the model it was made from" },
  { kind: "TensorFlow Lite", offset: 4, marks: ["TFL3"], command: "python -m tf2onnx.convert --tflite FILE --output model.onnx" },
];

/** Throws `modelProgram` for a file of one of these. */
export function refuseOtherFormats(source: ByteSource): void {
  const head = String.fromCharCode(...source.read(0, Math.min(8, source.size)));
  const other = others.find(({ offset, marks }) => marks.some((mark) => head.startsWith(mark, offset)));
  if (other === undefined) return;
  throw new WhylightError("modelProgram", { path: source.path, kind: other.kind, command: other.command.replace("FILE", () => fileNameOf(source.path)) });
}
