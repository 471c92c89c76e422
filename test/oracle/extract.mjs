// Copies what the oracle tests need out of a folder of reference recordings into test/fixtures/reference:
//   node test/oracle/extract.mjs FOLDER
// FOLDER holds one folder per model with *.onnx, reference.json and reference.safetensors (see test/fixtures/reference/README.md).
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const models = {
  resnet_tiny: ["model.onnx", "model.dynamo.onnx", "model.safetensors", "config.json"],
  cnn_mnistlike: ["model.onnx", "model.dynamo.onnx"],
  vit_tiny: ["model.onnx", "model.opset13.onnx", "model.dynamo.onnx", "model.sdpa.onnx", "model.safetensors", "config.json"],
  bert_tiny: ["model.onnx", "model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer_reference.json", "vocab.txt"],
  distilbert_tiny: ["model.onnx", "model.dynamo.onnx", "model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer_reference.json", "vocab.txt"],
};
/** Everything recorded for images but what no method returns: activations, hidden states, channel weights. */
const ofImages = /^x[01](?!.*\/(act|gradient_at_layer|weights|hidden_states)(\/|$))/;
/** Everything recorded for single texts but the states between layers. */
const ofTexts = /^t\d(?!.*\/hidden_states)/;
const isWanted = (name) => ofImages.test(name) || ofTexts.test(name);

const [from] = process.argv.slice(2);
const to = join(import.meta.dirname, "../fixtures/reference");

for (const [model, files] of Object.entries(models)) {
  mkdirSync(join(to, model), { recursive: true });
  for (const file of files) copyFileSync(join(from, model, file), join(to, model, file));
  const bytes = readFileSync(join(from, model, "reference.safetensors"));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
  const entries = Object.entries(header).filter(([name]) => isWanted(name));
  const kept = {};
  const parts = [];
  let offset = 0;
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of entries) {
    kept[name] = { dtype, shape, data_offsets: [offset, (offset += end - begin)] };
    parts.push(bytes.subarray(8 + headerLength + begin, 8 + headerLength + end));
  }
  const text = Buffer.from(JSON.stringify(kept));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(join(to, model, "reference.safetensors"), Buffer.concat([length, text, ...parts]));
  const { targets, layers, versions, texts, attention_tensors, embedding_tensors, integrated_gradients_nodes, arrays } = JSON.parse(readFileSync(join(from, model, "reference.json"), "utf8"));
  const inputs = texts?.map(({ key, text, text_pair, tokens, special_tokens_mask, pred, other }) => ({ key, text, text_pair, tokens, special_tokens_mask, pred, other }));
  // What a comparison must know of an array: how exact float32 is there, and the parameters it was made with.
  const factsOf = (name, { parameters, rel_f32_f64, ill_conditioned }) => (ofImages.test(name) ? { parameters, rel_f32_f64, ill_conditioned } : { rel_f32_f64 });
  const facts = Object.fromEntries(Object.entries(arrays).filter(([name]) => isWanted(name)).map(([name, of]) => [name, factsOf(name, of)]));
  writeFileSync(join(to, model, "reference.json"), `${JSON.stringify({ targets, layers, texts: inputs, attention_tensors, embedding_tensors, versions, integrated_gradients_nodes, arrays: facts }, null, 1)}\n`);
}
