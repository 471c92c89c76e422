"""What a classifier that only counts words can do on the held-out reviews: logistic regression on the pieces of the vocabulary."""
import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import DistilBertTokenizerFast

import corpus
import dataset
from train import ROOT


def bags(tokenizer, texts):
    rows = tokenizer(texts)["input_ids"]
    return torch.tensor(sum(rows, [])), torch.tensor(np.cumsum([0, *map(len, rows[:-1])]))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=ROOT / "samples" / "models" / "sentiment")
    options.add_argument("--reviews", type=int, default=30000)
    args = options.parse_args()
    torch.manual_seed(0)
    tokenizer = DistilBertTokenizerFast.from_pretrained(args.model)
    texts, targets, _ = dataset.training(args.reviews)
    targets = torch.tensor(targets)
    weights = torch.nn.EmbeddingBag(len(tokenizer), 1, mode="sum")
    torch.nn.init.zeros_(weights.weight)
    optimizer = torch.optim.Adam(weights.parameters(), lr=0.02)
    for _ in range(4):
        for pick in torch.randperm(len(texts)).split(256):
            loss = F.binary_cross_entropy_with_logits(weights(*bags(tokenizer, [texts[i] for i in pick.tolist()]))[:, 0], targets[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for held in ("combination", "template"):
        rows = dataset.heldout(held, 1500, texts)
        answers = (weights(*bags(tokenizer, [row.text for row in rows]))[:, 0] > 0).long().tolist()
        share = lambda chosen: f"{np.mean([a == row.label for a, row in zip(answers, rows) if chosen(row)]):.3f}"
        print(held, {kind: share(lambda row, kind=kind: row.phenomenon == kind) for kind in corpus.PHENOMENA}, "all", share(lambda _: True))


if __name__ == "__main__":
    main()
