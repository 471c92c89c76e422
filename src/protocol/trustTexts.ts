/** @file The sentences of the trust report, in English, each the key of its translation. */
import type { TrustSentence, TrustTest, Verdict } from "./trust.js";

/** One plain sentence per outcome; `{name}` stands for a fact of the finding. */
export const trustTexts: Readonly<Record<TrustSentence, string>> = {
  blankConstant: "The map is the same everywhere, so there is nothing to trust; another class, layer or method may show more.",
  blankZeroGradient: "The map is zero everywhere because the score does not change with the input here; a layer nearer to the output, or the logit as score, may show more.",
  blankSaturated: "The map is zero everywhere because the probability is so close to 0 or 1 that its gradient vanishes; choose the logit as score.",
  blankNegativeCam: "The map is blank because nothing at this layer speaks for this class; choose another layer or class, or draw the signed map.",
  curvesGood: "Taking the highlighted pixels away lowers the class's probability faster than a random order does (area {deletion} against {random}), and bringing them back raises it faster ({insertion}), so the map finds pixels the model uses.",
  curvesMixed: "Only in part does the map find what the score depends on: the area is {deletion} when highlighted pixels are taken away and {insertion} when they are brought back, against {random} for a random order.",
  curvesBad: "The map does no better than a random order: the area is {deletion} when highlighted pixels are taken away and {insertion} when they are brought back, against {random} at random.",
  curvesFlat: "The class's probability hardly falls even when the whole image is taken away ({whole} before, {gone} after), so this test says nothing here.",
  classesGood: "The map changes with the class (rank correlation {correlation} with the maps of other classes), so it is about this class.",
  classesCaution: "Maps of other classes look partly the same (rank correlation {correlation}), so only part of this map is about this class.",
  classesBad: "The map hardly changes with the class (rank correlation {correlation} with the maps of other classes), so it says little about why this class and not another.",
  classesBlank: "The maps of the other classes that were tried are blank, so this test says little beyond that they differ.",
  classesOne: "The model has no other class to compare with.",
  stabilityGood: "The map stays nearly the same under small noise (rank correlation {correlation}).",
  stabilityCaution: "The map changes somewhat under noise too small to matter to the eye (rank correlation {correlation}), so do not read its details.",
  stabilityBad: "The map changes a lot under noise too small to matter to the eye (rank correlation {correlation}), so it should not be read closely; SmoothGrad or a CAM is often steadier.",
  stabilityModel: "Small noise changes the model's own answer (probability {before} before, {after} after), so a map that changes with it is no fault of the method.",
  gridCoarse: "The layer's grid of {rows} × {columns} cells is too coarse to rank places by; choose a layer nearer to the input.",
  agreementGood: "Other methods highlight similar places (mean rank correlation {correlation}).",
  agreementCaution: "Other methods highlight other places (mean rank correlation {correlation}), so compare several before relying on one.",
  agreementNone: "No other method could be compared here.",
  weightsGood: "The map changes when the model's weights are random (rank correlation {correlation}), so it depends on the model's own weights.",
  weightsUpper: "The map keeps {half} of its ranking when the upper half of the model's layers is random, so it shows early features such as edges and colours more than what the model decides by.",
  weightsCaution: "The map keeps {correlation} of its ranking when the weights are random, so part of it comes from the image and the architecture alone.",
  weightsBad: "The map keeps {correlation} of its ranking when the weights are random, so it says little about what the model learned.",
  weightsTooLarge: "The model's weights ({size}) are too many to be made random here, so this test was left out.",
  weightsNone: "The model has no weights that could be made random.",
  weightsBroken: "With random weights the model's scores are not numbers, so this test says nothing here.",
};

/** What each test is called. */
export const trustTestTexts: Readonly<Record<TrustTest, string>> = {
  blank: "Blank map", curves: "Deletion and insertion", classes: "Other classes", stability: "Stability", agreement: "Agreement", weights: "Random weights",
};

/** How a verdict is said in a word. */
export const verdictTexts: Readonly<Record<Verdict, string>> = { good: "good", caution: "caution", bad: "doubtful", unknown: "not known" };
