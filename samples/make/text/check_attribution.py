"""Measures, with PyTorch, whether Integrated Gradients puts its weight on the words that carry the opinion, and what taking the three heaviest words out does to the answer."""
import argparse
import json
import re
from pathlib import Path

import numpy as np
import torch
from transformers import DistilBertForSequenceClassification, DistilBertTokenizerFast

import corpus
import dataset
from train import ROOT, predict

STEPS = 50


def words_of(text):
    """The words of a text as spans; punctuation beside a word is not part of it."""
    return [(m.group(), *m.span()) for m in re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*", text)]


def integrated_gradients(model, ids, target, baseline=None):
    """One value per token: Gauss-Legendre on the embeddings of words and positions, from zero or from other ids."""
    embeddings = model.distilbert.embeddings
    whole = embeddings(ids).detach()
    start = torch.zeros_like(whole) if baseline is None else embeddings(baseline).detach()
    points, weights = np.polynomial.legendre.leggauss(STEPS)
    alpha = torch.tensor((points + 1) / 2, dtype=torch.float32)[:, None, None]
    path = (start + alpha * (whole - start)).requires_grad_(True)
    mask = torch.ones(STEPS, ids.shape[1], dtype=torch.long)
    score = scores(model, path, mask)[:, target].sum()
    gradient, = torch.autograd.grad(score, path)
    weighed = (gradient * torch.tensor(weights / 2, dtype=torch.float32)[:, None, None]).sum(0)
    return ((whole - start)[0] * weighed).sum(-1)


def scores(model, embedded, mask):
    """The logits from embeddings that already hold their positions."""
    hidden = embedded
    bias = torch.zeros(mask.shape[0], 1, 1, mask.shape[1])
    for layer in model.distilbert.transformer.layer:
        hidden = layer(hidden, bias)
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    return model.classifier(torch.relu(model.pre_classifier(hidden[:, 0])))


def of_words(tokenizer, text, values):
    """The sum of each word's tokens: (word, start, end, value)."""
    encoded = tokenizer(text, return_offsets_mapping=True)
    return [(word, a, b, float(sum(v for v, (s, e) in zip(values, encoded["offset_mapping"]) if e > s and s < b and e > a))) for word, a, b in words_of(text)]


def without(text, gone):
    for a, b in sorted(gone, reverse=True):
        text = text[:a] + text[b:]
    return re.sub(r"\s+", " ", text).strip()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=ROOT / "samples" / "models" / "sentiment")
    options.add_argument("--weights", type=Path, required=True, help="the weights train.py keeps with --keep")
    options.add_argument("--texts", type=int, default=150)
    options.add_argument("--show", type=int, default=0)
    args = options.parse_args()
    torch.set_num_threads(1)
    tokenizer = DistilBertTokenizerFast.from_pretrained(args.model)
    model = DistilBertForSequenceClassification.from_pretrained(args.weights, attn_implementation="eager").eval()
    rng = np.random.default_rng(1)
    for baseline in ("zero", "pad"):
        tally = {kind: [] for kind in corpus.PHENOMENA}
        for held in ("combination", "template"):
            for n, row in enumerate(dataset.heldout(held, args.texts, ())):
                ids = torch.tensor([tokenizer(row.text, truncation=True)["input_ids"]])
                before = predict(model, tokenizer, [row.text]).softmax(1)[0]
                target = int(before.argmax())
                other = torch.full_like(ids, tokenizer.pad_token_id)
                other[0, 0], other[0, -1] = ids[0, 0], ids[0, -1]
                values = integrated_gradients(model, ids, target, None if baseline == "zero" else other)
                words = of_words(tokenizer, row.text, values)
                keys = {w.strip(".,!?").lower() for w in row.keys}
                top = sorted(words, key=lambda w: -abs(w[3]))
                share = sum(abs(w[3]) for w in words if w[0].lower() in keys) / max(1e-9, sum(abs(w[3]) for w in words))
                random = [words[i] for i in rng.permutation(len(words))[:3]]
                after = predict(model, tokenizer, [without(row.text, [w[1:3] for w in top[:3]]), without(row.text, [w[1:3] for w in random])]).softmax(1)[:, target]
                best = sorted(words, key=lambda w: -w[3])[:3]
                signed = predict(model, tokenizer, [without(row.text, [w[1:3] for w in best])]).softmax(1)[0, target]
                tally[row.phenomenon].append([top[0][0].lower() in keys, share, len(keys) / len(words), float(before[target] - after[0]), float(before[target] - after[1]), float(before[target] - signed), float(after[0] < 0.5), float(after[1] < 0.5)])
                if n < args.show and baseline == "zero":
                    print(f"{'-+'[target]} {float(before[target]):.2f} {row.text[:150]} | " + " ".join(f"{w[0]}:{w[3]:.1f}" for w in top[:5]))
        print(baseline, "columns: heaviest word is a key; keys' share of the weight; keys' share of the words; probability lost without the three heaviest, three random ones, three most positive ones; answers flipped by the first two")
        for kind, rows in tally.items():
            print(" ", kind, np.round(np.mean(rows, 0), 3).tolist())


if __name__ == "__main__":
    main()
