/** @file Gradients that only climb: guided backpropagation and the deconvolution network. */
import { isRelu6, rectifierRules } from "../../autodiff/variants/guided.js";
import { isInMemory, type Graph } from "../../ir/graph.js";
import { toNumbers } from "../../ir/tensor.js";
import type { MethodContext } from "../context.js";
import { defineMethod, type Remark } from "../method.js";
import type { ParameterTable } from "../parameters.js";
import type { NamedRules } from "../programs.js";

type Variant = "guided" | "deconvolution";

/** Captum leaves ReLU6 (`Clip` from 0 to 6) its ordinary gradient; `guided` treats it as a ReLU. */
export const relu6Parameter = { relu6: { kind: "choice", default: "plain", choices: ["plain", "guided"] } } as const satisfies ParameterTable;

export type Relu6 = (typeof relu6Parameter.relu6.choices)[number];

/** The rules with a name of their own. */
export const rectifiers = (variant: Variant, relu6: Relu6): NamedRules => ({ name: `${variant}|relu6=${relu6}`, rules: rectifierRules(variant, relu6 === "guided") });

/** Says so when no rectifier is there to be treated otherwise: the map is then the gradient itself. */
export function rectifierRemarks(graph: Graph, relu6: Relu6): Remark[] {
  const constant = (value: string) => {
    const tensor = graph.initializers.get(value);
    return tensor !== undefined && isInMemory(tensor) && tensor.data.length === 1 ? toNumbers(tensor)[0] : undefined;
  };
  const sixes = graph.nodes.filter((node) => isRelu6(node, constant)).length;
  if (graph.nodes.some(({ op }) => op === "Relu") || (sixes > 0 && relu6 === "guided")) return [];
  return [{ code: sixes > 0 ? "onlyRelu6" : "noRectifier", data: {} }];
}

const climbing = (variant: Variant) => async (context: MethodContext, { relu6 }: { readonly relu6: Relu6 }) => {
  const { gradient } = await context.gradientAtInput(rectifiers(variant, relu6));
  return { attribution: { shape: context.input.shape, data: gradient.slice() }, remarks: rectifierRemarks(context.prepared.graph, relu6) };
};

/** Springenberg et al., arXiv 1412.6806: at every ReLU what falls is dropped on the way back, whether by the cotangent or by the activation. As Captum's `GuidedBackprop`. */
export const guidedBackprop = defineMethod({ family: "gradient", form: "pixels", parameters: relu6Parameter, run: climbing("guided") });

/** Zeiler & Fergus, arXiv 1311.2901: at every ReLU the cotangent itself goes through a ReLU. As Captum's `Deconvolution`. */
export const deconvNet = defineMethod({ family: "gradient", form: "pixels", parameters: relu6Parameter, run: climbing("deconvolution") });
