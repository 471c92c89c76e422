"""
A process that runs PyTorch's side of the text cases, asked as serve.py says. Arguments: the model's folder, threads, a folder with ids.i64 (token ids, raw int64).
Attention needs transformers' eager form, which is the only one that gives it; gradients use its default, the faster one.
"""
import functools
import os
import sys

import numpy as np
import torch
from language import load_text_model
from serve import DEVICE, serve

# What is fastest on two threads, of 1 to 50.
BATCH = 10
PAD, CLS, SEP = 0, 101, 102
LENGTH = 128
LENGTHS = (32, 64, 128, 256, 512)


def main():
    folder, threads, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    every = torch.from_numpy(np.fromfile(os.path.join(work, "ids.i64"), dtype=np.int64)).view(1, -1).to(DEVICE)
    ids = first(every, LENGTH)

    @functools.cache
    def load(attention="sdpa"):
        return load_text_model(folder, attention).to(DEVICE)

    @functools.cache
    def target():
        with torch.inference_mode():
            return load()(input_ids=ids).logits.argmax(1).item()

    cases = {
        "attentions": lambda: attentions(load("eager"), ids),
        "forward": lambda: forward(load(), ids),
        "lig-pad": lambda: layer_integrated_gradients(load(), ids, target()),
        "lig-pad-gap": lambda: completeness_gap(load(), ids, target()),
    }
    for length in LENGTHS:
        cases[f"gradient-{length}"] = lambda length=length: input_gradient(load(), first(every, length))
    serve(cases)


def first(ids, length):
    """The text's beginning as a text of its own."""
    return torch.cat([ids[:, : length - 1], torch.tensor([[SEP]], device=ids.device)], 1)


def attentions(model, ids):
    """[layers, heads, tokens, tokens]"""
    with torch.inference_mode():
        return torch.cat(model(input_ids=ids, output_attentions=True).attentions)


def forward(model, ids):
    with torch.inference_mode():
        return model(input_ids=ids).logits


def embed(model, ids):
    with torch.inference_mode():
        return model.base_model.embeddings(input_ids=ids)


def padded(ids):
    """Captum's BERT tutorial: special tokens kept, every other one PAD."""
    return torch.where((ids == CLS) | (ids == SEP), ids, PAD)


def logits_above(model, ids, embeddings):
    """What is above the embeddings; every token is a real one."""
    handle = model.base_model.embeddings.register_forward_hook(lambda module, inputs, output: embeddings)
    try:
        return model(input_ids=ids.expand(len(embeddings), -1)).logits
    finally:
        handle.remove()


def input_gradient(model, ids):
    """Of the likeliest class, to what the embedding module returns: one pass forward, one back."""
    x = embed(model, ids).clone().requires_grad_()
    return torch.autograd.grad(logits_above(model, ids, x).amax(), x)[0]


def gradients(model, ids, embeddings, target):
    x = embeddings.clone().requires_grad_()
    return torch.autograd.grad(logits_above(model, ids, x)[:, target].sum(), x)[0]


def layer_integrated_gradients(model, ids, target, steps=50):
    """As Captum's LayerIntegratedGradients at the embeddings: Gauss-Legendre nodes between their outputs for the baseline and for the text; summed over the hidden size."""
    x, baseline = embed(model, ids), embed(model, padded(ids))
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    alphas = torch.from_numpy((1 + nodes) / 2).float().to(DEVICE)
    weights = torch.from_numpy(weights / 2).float().to(DEVICE)
    total = torch.zeros_like(x)
    for alpha, weight in zip(alphas.split(BATCH), weights.split(BATCH)):
        points = baseline + alpha.view(-1, 1, 1) * (x - baseline)
        total += (weight.view(-1, 1, 1) * gradients(model, ids, points, target)).sum(0, keepdim=True)
    return ((x - baseline) * total).sum(-1)[0]


def completeness_gap(model, ids, target):
    attributions = layer_integrated_gradients(model, ids, target)
    both = torch.cat([embed(model, ids), embed(model, padded(ids))])
    with torch.inference_mode():
        logits = logits_above(model, ids, both)[:, target].double()
    difference = logits[0] - logits[1]
    return ((attributions.double().sum() - difference) / difference).float().view(1)


main()
