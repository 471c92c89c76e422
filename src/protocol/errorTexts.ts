/** @file The sentences people read: one per failure, remark and phase, in English, each the key of its translation. */
import type { ErrorCode, ErrorData } from "../engine/errors.js";
import type { Note, Phase } from "./api.js";

/** What happened, in one sentence, and what to do next. `{name}` stands for a fact of the error's data. */
export interface ErrorText {
  readonly text: string;
  readonly next: string;
}

/** One entry per code. The texts are also the keys of the translations, so a change here needs one there. */
export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  modelNotFound: { text: "The model {path} does not exist or cannot be read.", next: "Check the path, or choose another model." },
  modelFolderUnknown: { text: "The folder {path} holds no model Whylight can read.", next: "Choose a folder with a model.safetensors and a config.json, a model.json or a saved_model.pb, or a model file." },
  modelFolderSeveral: { text: "The folder {path} holds several models: {names}.", next: "Choose one of these files." },
  modelFormatUnknown: { text: "{path} is not a model Whylight can read.", next: "Choose an ONNX, safetensors, PyTorch, Keras or TensorFlow file, or a Hugging Face folder." },
  modelUnfetched: { text: "{path} is a Git LFS pointer: the model it stands for was not fetched.", next: "Fetch it: git lfs pull." },
  modelUnsafe: { text: "The model {path} was refused: {reason}.", next: "Get it from a source you trust, best as .safetensors or .onnx." },
  modelPickled: { text: "{path} needs {what} to be loaded, and Whylight runs no code out of a model file.", next: "Save its weights alone, torch.save(model.state_dict(), \"weights.pt\"), or export it: torch.onnx.export(model, (example,), \"model.onnx\", dynamo=True)." },
  modelProgram: { text: "{path} is a {kind} file, which Whylight cannot read.", next: "Export it to ONNX: {command}." },
  architectureUnknown: { text: "The architecture {architecture} of the model {path} is not known here.", next: "Export it to ONNX: {command}." },
  configMissing: { text: "{path} holds weights, and no config.json beside it says of which model.", next: "Put the model's config.json into the same folder, or export the model to ONNX: {command}." },
  adapterAlone: { text: "{path} is an adapter, which changes a model and is none by itself.", next: "Merge it into its model and choose that: model.merge_and_unload().save_pretrained(\"merged\")." },
  weightsAlone: { text: "{path} holds weights alone, without the model they belong to.", next: "Save the whole model: model.save(\"model.keras\")." },
  trainingLeftover: { text: "{path} holds what training keeps beside a model, and no model.", next: "Choose the model's own file or its folder." },
  layerUnsupported: { text: "The layer {layer} of the model {path} cannot be read: {reason}.", next: "Replace the layer by a built-in one, or export the model to ONNX with tf2onnx." },
  weightUnsupported: { text: "The weight {weight} of the model {path} cannot be read: it is {kind}.", next: "Save plain numbers in its place, as dequantize() or to_dense() give them, or export the model to ONNX." },
  modelCorrupt: { text: "The model {path} is damaged or cut short: {reason}.", next: "Copy or export the model again." },
  modelUnsuitable: { text: "This model cannot be explained with this input: {reason}.", next: "Choose a model that classifies images or texts, or continues texts, and an input of its kind." },
  modelTooLarge: { text: "The model {path} needs about {needed} of memory, and {available} is free.", next: "Close other programs, or use a smaller model." },
  opUnsupported: { text: "The model uses the operator {op} (node {node}), which cannot be run here.", next: "Choose another runtime, or export the model with another opset." },
  gradientUndefined: { text: "The operator {op} (node {node}) between the layer and the score cannot be differentiated.", next: "Choose a later layer, or a method that needs no gradient there." },
  shapeUnknown: { text: "The shape that the operator {op} (node {node}) returns cannot be worked out from the model.", next: "Export the model with a fixed input size." },
  shapeMismatch: { text: "The shapes do not fit at the operator {op} (node {node}): {reason}.", next: "Check the input's shape against the one the model states, and export the model again if they agree." },
  inputNotFound: { text: "The input {path} does not exist or cannot be read.", next: "Check the path, or choose another file." },
  inputInvalid: { text: "{path} cannot be fed to the model: {reason}.", next: "Give an image, or tensors with the model's input names and shapes." },
  textInvalid: { text: "The text cannot be explained: {reason}.", next: "Select another piece of text." },
  textFileInvalid: { text: "{path} is not a text that can be read: {reason}.", next: "Open it in a text editor and save it as UTF-8." },
  tokenizerMissing: { text: "No tokenizer was found for {path}.", next: "Put tokenizer.json, or vocab.txt, or vocab.json and merges.txt, beside the model." },
  tokenizerInvalid: { text: "The tokenizer {file} cannot be used: {reason}.", next: "Save it again with the transformers library: tokenizer.save_pretrained(folder)." },
  attentionMissing: { text: "No attention was found in {path}.", next: "Choose a transformer, exported without fused attention of other makers." },
  imageInvalid: { text: "{path} is not an image that can be read: {reason}.", next: "Open it in an image editor and save it as PNG or JPEG." },
  imageTooLarge: { text: "{path} is too large: {width} × {height} pixels.", next: "Reduce the image to less than one gigapixel." },
  layerUnknown: { text: "The model has no layer named {layer}.", next: "Choose a layer from the list of the model's layers." },
  layerUnsuitable: { text: "The layer {layer} does not fit this method: {reason}.", next: "Choose a layer with a spatial extent that the score depends on." },
  targetUnknown: { text: "The model has no class {target}; it has {classes} classes.", next: "Choose an index from 0, or one of the model's labels." },
  descriptionInvalid: { text: "{file} is not right at {field}: {reason}.", next: "Correct the file, or remove it to use the defaults." },
  labelsMismatch: { text: "{file} names {labels} classes, but the model has {classes}.", next: "Give one label per class, in the order of the model's output." },
  methodUnknown: { text: "There is no method {method}.", next: "Choose one of: {methods}." },
  methodNotInLibrary: { text: "{library} has no {method}, or one that Whylight does not follow, so there are no defaults to take over.", next: "Leave the library out, or choose one of its methods: {methods}." },
  parameterInvalid: { text: "The parameter {parameter} is not right: {reason}.", next: "Change its value, or leave it out to use the default." },
  runtimeUnavailable: { text: "The runtime {runtime} does not work here: {reason}.", next: "Choose another runtime, or auto." },
  runtimeFailed: { text: "The runtime {runtime} failed: {reason}.", next: "Choose another runtime, or auto." },
  outOfMemory: { text: "There is not enough memory for this model and input.", next: "Close other programs, use a smaller input, or use a smaller model." },
  labelMissing: { text: "No true class is known for {path}.", next: "Give it (--true), put the image into a folder named after its class, or name a labels file." },
  labelsInvalid: { text: "{path} is no list of labels: {reason}.", next: "Give a CSV file with the columns file and label, or a JSON object from file to label." },
  folderEmpty: { text: "No images were found in {path}.", next: "Choose a folder with PNG, JPEG, WebP, GIF, TIFF or BMP files; folders inside it are searched too." },
  auditExists: { text: "{path} already holds an audit.", next: "Go on with it (--resume), or choose another folder." },
  auditMissing: { text: "{path} holds no audit.", next: "Choose a folder that an audit was written to." },
  auditMismatch: { text: "The audit in {path} does not fit: {reason}.", next: "Choose another audit, or another folder for a new one." },
  specInvalid: { text: "The checks in {path} are not right at {field}: {reason}.", next: "Correct the file; docs/checks.md shows every field." },
  hubUnknown: { text: "There is no model {name} at {endpoint}.", next: "Check the name, as in \"google/vit-base-patch16-224\", and whether it needs a token." },
  hubForbidden: { text: "{endpoint} does not give {name} without permission.", next: "Accept the model's terms on its page, and set a token that may read it." },
  hubFailed: { text: "{name} could not be downloaded: {reason}.", next: "Try again: what was loaded is kept, and the download goes on from there." },
  downloadMismatch: { text: "The file {file} of {name} arrived damaged: its checksum is not the one that {endpoint} states.", next: "Try again; it was deleted and will be loaded anew." },
  toolMissing: { text: "Setting up TensorFlow needs {tool}, which is not on this machine.", next: "Install it, then try again ({install})." },
  pythonUnsuitable: { text: "The Python {path} cannot be used: {reason}.", next: "Choose another Python, 64-bit and 3.10 or newer." },
  setupFailed: { text: "Setting up TensorFlow failed at {command}: {reason}.", next: "Try again: what was done is kept, and the set-up goes on from there." },
  outputUnwritable: { text: "{path} cannot be written: {reason}.", next: "Choose another place, or free some space." },
  workerCrashed: { text: "The process that computes stopped unexpectedly ({exit}).", next: "Try again; if it happens again, choose another runtime and look at the log." },
  panelClosed: { text: "The panel was closed before the result was ready.", next: "Open it again." },
  cancelled: { text: "Cancelled.", next: "Start again when you like." },
  workspaceUntrusted: { text: "This needs a trusted workspace.", next: "Trust the workspace, then try again." },
  internal: { text: "Something went wrong inside Whylight: {reason}.", next: "Look at the log and report it." },
};

/** Remarks beside a result. */
export const noteTexts: Readonly<Record<Note["code"], string>> = {
  blankMap: "The map is the same everywhere, so there is nothing to show. Another class, layer or method may show more.",
  allNegativeCam: "Grad-CAM is negative everywhere at this layer: nothing there speaks for this class. Another layer or class may show more.",
  negativeScore: "The explained score is negative, and Ablation-CAM divides by it: where the map is negative, the score would fall without that part. The probability as score avoids this.",
  saturatedProbability: "The probability is so close to 0 or 1 that its gradient is zero everywhere. The logit as score shows more.",
  toleranceNotReached: "The completeness gap is still {gap} of the score's difference after {steps} steps. More steps may bring it down; another baseline often does.",
  mapNotSettled: "The completeness gap is small, but the last refinement still changed the map by {change} after {steps} steps. More steps settle it.",
  baselineIsImage: "The baseline is the input itself, so there is nothing to attribute. Another baseline shows more.",
  noRectifier: "The model has no ReLU, the only place where this method differs from the gradient: the map is the plain gradient.",
  onlyRelu6: "The model's rectifiers are ReLU6, which this method leaves alone as Captum does: the map is the plain gradient. The parameter relu6=guided treats them as ReLU.",
  relevanceApproximate: "No relevance rule is known for {operators}: the gradient times the input stands in there, and relevance may be lost or gained.",
  relevanceUnstable: "The relevance adds up to {times} times the score: sums close to zero in the model blow it up. The rule composite or a larger epsilon keeps it in bounds.",
  zeroGradient: "The gradient is zero everywhere: the score does not change with the input. The logit as score may show more.",
  failsControl: "In our measurements this method's maps look much the same when the model's weights are random, so they say little about what the model learned.",
  labelsMissing: "No labels were found, so classes are shown by their index. A file {sidecar} beside the model can name them.",
  labelsMismatch: "{file} names {labels} classes, but the model has {classes}. Classes without a label are shown by their index.",
  defaultsUsed: "How the model wants its images was not found, so defaults were used: {preprocess}. A file {sidecar} beside the model can state it.",
  architectureAssumed: "The weights fit {other} as well as {architecture}, which was assumed. A config.json beside them can name the right one as \"architecture\".",
  imageReduced: "The image is very large ({width} × {height}), so it was reduced before resizing; values may differ slightly.",
  textWindowed: "The text has {tokens} tokens and the model takes {longest}, so it was read in {windows} overlapping windows: the score explained is their mean.",
  textTruncated: "The text has {tokens} tokens and the model takes {longest}: only the last {kept} were read.",
  textEndUnread: "The text has {tokens} tokens and the model takes {longest}: only the first {kept} were read.",
  runtimeFellBack: "The runtime {from} failed ({reason}), so {to} was used.",
  batchesCut: "There was not enough memory for larger batches, so the model was run on {size} at a time.",
};

/** What is going on, while it goes on. */
export const phaseTexts: Readonly<Record<Phase, string>> = {
  reading: "Reading the model",
  preparing: "Preparing the input",
  compiling: "Compiling the model",
  computing: "Computing",
  drawing: "Drawing",
};

/** Puts the facts in place of `{name}`. A fact nobody gave leaves a question mark, never the bare placeholder. A final dot of a fact goes before a colon's or sentence's own. */
export function fillIn(template: string, data: ErrorData): string {
  return template.replace(/\{(\w+)\}(\.?)/g, (_, name: string, dot: string) => {
    const value = String(data[name] ?? "?");
    return (dot === "" ? value : value.replace(/\.$/, "")) + dot;
  });
}
