/** @file What the bench can measure, group by group. */
import { audit } from "./audit.js";
import { coldStart } from "./coldStart.js";
import { floor } from "./floor.js";
import { gpu } from "./gpu.js";
import { growth } from "./growth.js";
import { imageRows, type ImageGroup } from "./imageCases.js";
import { peakMemory } from "./memory.js";
import { profile } from "./profile.js";
import type { Options } from "./setup.js";
import type { GroupResult, Row, Table } from "./table.js";
import { attentions, layerIntegratedGradients, textGradients } from "./textCases.js";
import { nativeTensorflow, wasm } from "./tfjs.js";

/** A part of the bench that can be run alone. */
export interface Group {
  readonly title: string;
  /** Takes a minute or more: left out of a quick run, and asks for no more runs than this. */
  readonly mostRuns?: number;
  readonly measure: (options: Options) => Promise<GroupResult>;
}

const rowsOf = (measure: (options: Options) => Promise<Row[]>) => async (options: Options): Promise<GroupResult> => ({ rows: await measure(options), tables: [] });
const tablesOf = (measure: (options: Options) => Promise<Table[]>) => async (options: Options): Promise<GroupResult> => ({ rows: [], tables: await measure(options) });
const images = (group: ImageGroup) => rowsOf((options) => imageRows(group, options));

/** Group name to group, in the order they are run. */
export const groups: Readonly<Record<string, Group>> = {
  "cold-start": { title: "from process start to a Grad-CAM picture, ResNet-50", measure: rowsOf(coldStart) },
  "grad-cam": { title: "Grad-CAM, ResNet-50", measure: images("grad-cam") },
  "input-gradient": { title: "input gradient, ResNet-50", measure: images("input-gradient") },
  vit: { title: "input gradient and forward pass, ViT-B/16", measure: images("vit") },
  forward: { title: "forward pass, ResNet-50", measure: images("forward") },
  text: { title: "input gradient and forward pass, BERT-base and DistilBERT", measure: rowsOf(textGradients) },
  attentions: { title: "all attentions, BERT-base", measure: rowsOf(attentions) },
  smoothgrad: { title: "SmoothGrad with 50 samples, ResNet-50", measure: images("smoothgrad") },
  "integrated-gradients": { title: "Integrated Gradients with 50 steps, and to a gap of 1 %, ResNet-50", measure: images("integrated-gradients") },
  "layer-integrated-gradients": { title: "the same at the embeddings of BERT-base", mostRuns: 3, measure: rowsOf(layerIntegratedGradients) },
  occlusion: { title: "occlusion with 49 windows, ResNet-50", measure: images("occlusion") },
  "score-cam": { title: "Score-CAM with 64 channels, ResNet-50", measure: images("score-cam") },
  wasm: { title: "input gradient on TensorFlow.js WASM, ResNet-50", measure: rowsOf(wasm) },
  tensorflow: { title: "input gradient on native TensorFlow, ResNet-50", measure: rowsOf(nativeTensorflow) },
  memory: { title: "peak memory of single cases in new processes", mostRuns: 2, measure: rowsOf(peakMemory) },
  growth: { title: "growth with batch, side of images and length of texts", mostRuns: 3, measure: tablesOf(growth) },
  floor: { title: "gradients against the arithmetic floor", measure: floor },
  profile: { title: "where the time of ResNet-50's input gradient goes", measure: tablesOf(profile) },
  gpu: { title: "the graphics card through WebGPU, against PyTorch on CUDA", measure: gpu },
  audit: { title: "audits, images per second", mostRuns: 1, measure: rowsOf(audit) },
};
