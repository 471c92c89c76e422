/** @file What models answer, over texts and images. */
import type { ImageTask } from "../engine/attribution/classifier.js";
import type { TextTask } from "../engine/attribution/text/textModel.js";

export type ModelTask = TextTask | ImageTask;

const ofImages: Readonly<Record<ModelTask, boolean>> = { "image-classification": true, "image-encoder": true, "text-classification": false, "next-token": false, "text-encoder": false };

/** Whether a model takes images; of one whose task nobody knows neither this nor `isTextTask` is true. */
export function isImageTask(task: ModelTask | undefined): boolean {
  return task !== undefined && ofImages[task];
}

/** Whether it answers with one of its classes, of which each has a probability. */
export function hasClasses(task: ModelTask | undefined): boolean {
  return task === "image-classification" || task === "text-classification";
}

export function isTextTask(task: ModelTask | undefined): boolean {
  return task !== undefined && !ofImages[task];
}
