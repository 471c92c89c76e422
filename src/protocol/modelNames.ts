/** @file How model files are called: the names that may hold a model, and what people call the model in one. */

/** The endings of files that hold a model each, as the first bytes then confirm; without a dot. */
export const modelEndings = ["onnx", "safetensors", "keras", "h5", "hdf5", "pt", "pth", "ckpt", "bin"] as const;

/** Files that stand for a model under one name only. */
export const modelFileNames = ["model.json", "saved_model.pb"] as const;

/** Files that list the shards of a model's weights. */
export const indexEndings = [".safetensors.index.json", ".bin.index.json"] as const;

/** Folders that hold other people's models: those of installed packages and of tools. */
export const skippedFolders = ["node_modules", ".git", "site-packages", "__pycache__"] as const;

/** What lies beside a model and tells more of it; a change there changes what is known. */
export const besideNames = ["config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json", "vocab.txt", "vocab.json", "labels.txt", "classes.txt"] as const;

/** Training leaves these in the same formats; they hold no model. */
const leftovers = /^(optimizer|scheduler|scaler|rng_state.*|training_args|trainer_state|adapter_model|tokenizer)\.\w+$/i;

/** Whether a file is called as those are that training leaves beside a model. */
export function isLeftoverName(name: string): boolean {
  return leftovers.test(name);
}

/** Whether a file's name is one that a model may have. */
export function isModelName(name: string): boolean {
  const lower = name.toLowerCase();
  if (isLeftoverName(lower)) return false;
  return (modelFileNames as readonly string[]).includes(lower) || indexEndings.some((ending) => lower.endsWith(ending)) || modelEndings.some((ending) => lower.endsWith(`.${ending}`));
}

const anyEnding = new RegExp(`(${indexEndings.map((ending) => ending.replaceAll(".", "\\.")).join("|")}|\\.(${modelEndings.join("|")}|json|pb))$`, "i");
const usualName = /^(model|pytorch_model|tf_model|flax_model|saved_model)([._-]|$)/i;

/** What people call a model: its file's name, or its folder's where the file is called like every other, as in Hugging Face's folders; in the hub's cache the model's own. Either kind of slash will do. */
export function modelTitle(path: string): string {
  const parts = path.split(/[\\/]/).filter(Boolean);
  const file = (parts.pop() ?? "").replace(anyEnding, "");
  if (!usualName.test(file)) return file;
  const cached = /^models--.*?--(.+)$/.exec(parts.at(parts.lastIndexOf("snapshots") - 1) ?? "")?.[1];
  return (parts.includes("snapshots") ? cached : undefined) ?? parts.findLast((part) => part.toLowerCase() !== "onnx") ?? file;
}

/** The same where files are spoken of: with the ending that tells a model's file from others, unless it is the folder that has the name. */
export function modelLabel(path: string): string {
  const [file, title] = [path.split(/[\\/]/).findLast(Boolean) ?? "", modelTitle(path)];
  return file === title || file.startsWith(`${title}.`) ? file : title;
}
