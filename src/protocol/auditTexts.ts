/** @file The sentences of an audit's findings, in English, each the key of its translation. */
import type { AuditSentence } from "../engine/audit/auditSentence.js";
import type { Sentence } from "../engine/debug/evidence.js";
import { sentenceText } from "./debugTexts.js";
import type { Translate } from "./reportTexts.js";

/** By code. Cautious: a map highlights, a test changes answers; nothing is said of why a model decides. */
export const auditSentenceTexts: Readonly<Record<AuditSentence, string>> = {
  trialBetter: "With another preprocessing ({variant}) the labels are likelier: their mean log-probability is {likelihoodChanged} instead of {likelihood} (p {pValue}).",
  trialBetterAnswers: "Of {images} images tried, {right} are right as the model is described, and {rightChanged} with the change.",
  trialAdvice: "So {dimension}: compare the description beside the model with how it was trained.",
  mistakesShare: "{in} of {images} mistakes into '{class}' put over half of their mass in {place}; of images with another answer, {elsewhere} do.",
  pairShares: "{in} of {images} images of '{label}' that are answered '{class}' put over half of their mass in {place}; of images with another answer, {elsewhere} do.",
  mistakesShareAlone: "{in} of {images} mistakes into '{class}' put over half of their mass in {place}; there is no other answer to compare them with.",
  classShares: "{in} of {images} images that are answered '{class}' put over half of their mass in {place}; of images with another answer, {elsewhere} do.",
  regionMasked: "Masking it changes {changed} of {tried} answers, masking as much elsewhere {elsewhere}; the mean probability of '{class}' goes from {before} to {after}.",
  regionPlanted: "Put onto {tried} right images of other classes, its pixels turn {turned} of them into '{class}'.",
  regionConfirmed: "So these answers depend on what is there: if it is not the object, it is a shortcut.",
  regionSuspected: "What is there may be a shortcut; look at the images.",
  regionRefuted: "So these answers hardly depend on what is there, though the maps highlight it.",
  regionCentred: "It is the middle of the picture, where objects usually are.",
  labelErrorsFew: "Images that may bear the wrong label: {count}. The model is as sure of another class as it is of that class's own images.",
  labelErrorsFirst: "First of all {file}: labelled '{label}' ({labelProbability}), looks like '{likely}' ({likelyProbability}).",
  duplicatesAcross: "Nearly the same picture in different classes: {groups}.",
  duplicatesFirst: "First of all {first} and {second}.",
  surerThanRight: "The model is surer than it is right: its mean confidence is {confidence}, its accuracy {accuracy} (expected calibration error {error}).",
  lessSureThanRight: "The model is less sure than it could be: its mean confidence is {confidence}, its accuracy {accuracy} (expected calibration error {error}).",
  confusedPair: "Most confused: {images} of {of} images of '{label}' are answered '{class}'.",
  filesFailed: "Files that could not be read and were left out: {count}; the first is {file}.",
  filesUnlabelled: "Images without a label that the model knows: {count} of {images}. They count neither as right nor as wrong.",
  labelsUnknown: "Labels that are no class of the model: {names}.",
  labelsAdvice: "List the names of the model's classes beside it (MODEL.whylight.json), or give a labels file with the indices of classes.",
  flagAmongMistakes: "Mistakes are more frequent among the {images} images flagged '{flag}': {share}, and {other} of the others.",
};

/** A sentence of an audit in the person's language, its facts filled in. */
export function auditSentenceText(sentence: Sentence, translate: Translate): string {
  return sentenceText(sentence, translate, auditSentenceTexts);
}
