/** @file TensorFlow's operators, each with its rule. */
import { elementwiseRules } from "./elementwise.js";
import { imageRules } from "./images.js";
import { movingRules } from "./moving.js";
import { productRules } from "./products.js";
import { reductionRules } from "./reductions.js";
import type { RuleTable } from "./rule.js";

export const rules: RuleTable = { ...elementwiseRules, ...imageRules, ...productRules, ...reductionRules, ...movingRules };
