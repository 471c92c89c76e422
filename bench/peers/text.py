"""
A process that runs PyTorch's side of the text cases, asked as serve.py says. Arguments: weights, token ids (raw int64), threads.
Attention needs transformers' eager form, which is the only one that gives it; gradients use its default, the faster one.
"""
import sys

import numpy as np
import torch
from language import bert_base
from serve import serve

# What is fastest on two threads, of 1 to 50.
BATCH = 10
PAD, CLS, SEP = 0, 101, 102


def main():
    weights, input_file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    ids = torch.from_numpy(np.fromfile(input_file, dtype=np.int64)).view(1, -1)
    eager, model = (load(weights, attention) for attention in ("eager", "sdpa"))
    with torch.inference_mode():
        target = model(input_ids=ids).logits.argmax(1).item()
    cases = {
        "attentions": lambda: attentions(eager, ids),
        "text-gradient": lambda: gradients(model, embed(model, ids), target),
        "lig-pad": lambda: layer_integrated_gradients(model, ids, padded(ids), target),
        "lig-zero": lambda: layer_integrated_gradients(model, ids, None, target),
        "lig-pad-gap": lambda: completeness_gap(model, ids, padded(ids), target),
        "lig-zero-gap": lambda: completeness_gap(model, ids, None, target),
    }
    serve(cases)


def load(weights, attention):
    model = bert_base(attention)
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model.requires_grad_(False)


def attentions(model, ids):
    """[layers, heads, tokens, tokens]"""
    with torch.inference_mode():
        return torch.cat(model(input_ids=ids, output_attentions=True).attentions)


def embed(model, ids):
    with torch.inference_mode():
        return model.bert.embeddings(input_ids=ids)


def padded(ids):
    """Captum's BERT tutorial: special tokens kept, every other one PAD."""
    return torch.where((ids == CLS) | (ids == SEP), ids, PAD)


def logits_above(model, embeddings):
    """What is above the embeddings; every token is a real one."""
    return model.classifier(model.bert.pooler(model.bert.encoder(embeddings, attention_mask=None)[0]))


def gradients(model, embeddings, target):
    x = embeddings.clone().requires_grad_()
    return torch.autograd.grad(logits_above(model, x)[:, target].sum(), x)[0]


def layer_integrated_gradients(model, ids, baseline_ids, target, steps=50):
    """As Captum's LayerIntegratedGradients at the embeddings: Gauss-Legendre nodes between their outputs for the baseline and for the text; summed over the hidden size."""
    x = embed(model, ids)
    baseline = torch.zeros_like(x) if baseline_ids is None else embed(model, baseline_ids)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    alphas = torch.from_numpy((1 + nodes) / 2).float()
    weights = torch.from_numpy(weights / 2).float()
    total = torch.zeros_like(x)
    for alpha, weight in zip(alphas.split(BATCH), weights.split(BATCH)):
        points = baseline + alpha.view(-1, 1, 1) * (x - baseline)
        total += (weight.view(-1, 1, 1) * gradients(model, points, target)).sum(0, keepdim=True)
    return ((x - baseline) * total).sum(-1)[0]


def completeness_gap(model, ids, baseline_ids, target):
    attributions = layer_integrated_gradients(model, ids, baseline_ids, target)
    x = embed(model, ids)
    baseline = torch.zeros_like(x) if baseline_ids is None else embed(model, baseline_ids)
    with torch.inference_mode():
        logits = logits_above(model, torch.cat([x, baseline]))[:, target].double()
    difference = logits[0] - logits[1]
    return ((attributions.double().sum() - difference) / difference).float().view(1)


main()
