/** @file Which models are for texts and which for images, told by the files around them. Knows nothing of VS Code. */

/** What a model explains. */
export const modelKinds = ["image", "text"] as const;
export type ModelKind = (typeof modelKinds)[number];

/** The files that a text model has beside it or in the folder above, as in "onnx/model.onnx" of a Hugging Face folder. */
export const tokenizerFiles = ["tokenizer.json", "vocab.txt", "vocab.json"] as const;

/** The kind of a model, given every tokenizer file there is; paths with "/". */
export function modelKind(model: string, tokenizers: readonly string[]): ModelKind {
  const folder = folderOf(model);
  const near = new Set([folder, folderOf(folder)]);
  return tokenizers.some((file) => near.has(folderOf(file))) ? "text" : "image";
}

/** The models of a kind. Where no model is for images by its surroundings, any may be; a model without a tokenizer is never for texts. */
export function modelsOfKind<Model extends { readonly path: string }>(models: readonly Model[], tokenizers: readonly string[], kind: ModelKind): readonly Model[] {
  const fitting = models.filter(({ path }) => modelKind(path, tokenizers) === kind);
  return kind === "image" && fitting.length === 0 ? models : fitting;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What people call a model: its file's name, or its folder's where the file is called like every other, as in Hugging Face's folders. `path` may have either kind of slash. */
export function modelTitle(path: string): string {
  const parts = path.split(/[\\/]/).filter(Boolean);
  const file = (parts.pop() ?? "").replace(/\.onnx$/i, "");
  const folder = parts.findLast((part) => part.toLowerCase() !== "onnx");
  return /^model([._-]|$)/i.test(file) && folder !== undefined ? folder : file;
}
