/** @file Attention weighed by how much the score depends on it. */
import { WhylightError } from "../../errors.js";
import { attentionSites } from "../attentionSites.js";
import { defineTextMethod } from "./textMethod.js";

/**
 * Per token k: the mean over layers and heads of the sum over queries q of A[q, k] dF/dA[q, k], signed. It is the first step of ATTATTR (Hao et al., arXiv 2004.11207), whose path is one point,
 * and Grad-SAM (Barkan et al. 2021) without its ReLU, which would drop what speaks against the class. Throws `attentionMissing`.
 */
export const attentionXGradient = defineTextMethod({
  parameters: {},
  run: async (context) => {
    const { graph, tokens } = context.prepared;
    const length = context.prepared.model.fixed ?? tokens;
    const sites = attentionSites(graph).filter(({ shape: [batch, , queries, keys] }) => batch === 1 && queries === length && keys === length);
    if (sites.length === 0) throw new WhylightError("attentionMissing");
    const at = await context.differentiate(sites.map(({ weights }) => weights));
    const raw = new Float64Array(tokens);
    for (const { weights, shape: [, heads, queries, keys] } of sites) {
      const { value, gradient } = at(weights);
      const share = 1 / (sites.length * heads);
      for (let row = 0; row < heads * queries; row++) for (let k = 0; k < tokens; k++) raw[k]! += share * value[row * keys + k]! * gradient[row * keys + k]!;
    }
    return { raw, facts: { layers: sites.length } };
  },
});
