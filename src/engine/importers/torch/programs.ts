/** @file Archives that hold a program rather than weights: told by their entries, refused with the way to ONNX. */
import { WhylightError } from "../../errors.js";
import { fileNameOf } from "../byteSource.js";
import type { Zip } from "../zip.js";

/** Each kind by an entry that only it has, below the archive's one folder; the first that fits. */
const programs: readonly { readonly kind: string; readonly entry: RegExp; readonly command: string }[] = [
  { kind: "torch.export", entry: /^(([^/]+\/)?archive_format|serialized_exported_program\.(json|pt))$/, command: "torch.onnx.export(torch.export.load(\"FILE\"), f=\"model.onnx\", dynamo=True)" },
  { kind: "torch.package", entry: /^[^/]+\/\.data\/(extern_modules|python_version)$/, command: "torch.onnx.export(torch.package.PackageImporter(\"FILE\").load_pickle(PACKAGE, RESOURCE), (example,), \"model.onnx\", dynamo=True)" },
  { kind: "TorchScript", entry: /^[^/]+\/(constants\.pkl|bytecode\.pkl|code\/.*)$/, command: "torch.onnx.export(torch.jit.load(\"FILE\"), (example,), \"model.onnx\", dynamo=False)" },
];

/** Throws `modelProgram` for an archive of a program. */
export function refuseProgram({ path, names }: Zip): void {
  const program = programs.find(({ entry }) => names.some((name) => entry.test(name)));
  if (program === undefined) return;
  throw new WhylightError("modelProgram", { path, kind: program.kind, command: program.command.replace("FILE", () => fileNameOf(path)) });
}
