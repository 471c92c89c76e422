/** @file Which files of a repository make a model that Whylight reads: one form of its weights, and what stands beside them. */

/** A form of the weights: the file that stands for it, and its other parts. */
interface WeightForm {
  readonly main: RegExp;
  readonly parts?: RegExp;
}

/** Best first. Forms with a graph of their own come after those that are built, but before them where the architecture is not known here. */
const builtForms: readonly WeightForm[] = [
  { main: /^model\.safetensors$/ },
  { main: /^model\.safetensors\.index\.json$/, parts: /^model-\d+-of-\d+\.safetensors$/ },
  { main: /^pytorch_model\.bin$/ },
  { main: /^pytorch_model\.bin\.index\.json$/, parts: /^pytorch_model-\d+-of-\d+\.bin$/ },
];
const ownForms: readonly WeightForm[] = [
  { main: /^(onnx\/)?model\.onnx$/, parts: /^(onnx\/)?model\.onnx[._]data(_\d+)?$/ },
  { main: /^model\.json$/, parts: /^[^/]+shard\d+of\d+(\.bin)?$/ },
  { main: /^[^/]+\.keras$/ },
  { main: /^saved_model\.pb$/, parts: /^variables\/variables\.(index|data-\d+-of-\d+)$/ },
];

/** Files beside the weights: what the model expects and calls things, and its terms. */
const companions = /^(config|preprocessor_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$|^(vocab|merges)\.txt$|^LICEN[CS]E[^/]*$|^(labels|classes)\.txt$/i;

/** The needed ones among the paths of a repository; none when it holds no weights in a form that is read. */
export function neededFiles(paths: readonly string[], isArchitectureKnown: boolean): ReadonlySet<string> {
  const forms = isArchitectureKnown ? [...builtForms, ...ownForms] : [...ownForms, ...builtForms];
  for (const { main, parts } of forms) {
    const found = paths.find((path) => main.test(path));
    if (found === undefined) continue;
    const inFolder = (path: string) => path.slice(0, path.lastIndexOf("/") + 1) === found.slice(0, found.lastIndexOf("/") + 1);
    const isPart = (path: string) => parts?.test(path) === true && (inFolder(path) || path.includes("variables/"));
    return new Set(paths.filter((path) => path === found || isPart(path) || companions.test(path)));
  }
  return new Set();
}

/** Whether a path of a repository may be written below a folder: no way out of it, nothing hidden, no name that a system keeps for itself. */
export function isSafePath(path: string): boolean {
  return path.length <= 200 && path.split("/").every((part) => /^[^.\p{Cc}\\:*?"<>|][^\p{Cc}\\:*?"<>|]*$/u.test(part) && !/[. ]$/.test(part) && !/^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(part));
}
