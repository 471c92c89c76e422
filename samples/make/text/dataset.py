"""The reviews of each set, from their seeds, and batches of texts of about one length."""
import numpy as np

import corpus

# The first number of a review's seed; no two sets share one.
SEEDS = {"train": 101, "neutral": 102, "long": 103, "combination": 104, "template": 105, "fixture": 106, "shown": 107}
SHARES = {"plain": 0.28, "negation": 0.38, "contrast": 0.34}


def training(count):
    """count reviews, and a seventh as many texts without an opinion: texts, chance of POSITIVE, and the spans of the words of opinion."""
    texts, targets, spans = [], [], []
    for i in range(count):
        rng = np.random.default_rng([SEEDS["train"], i])
        kind = corpus.PHENOMENA[int(rng.choice(3, p=list(SHARES.values())))]
        row = corpus.review(rng, i % 2, kind)
        texts.append(row.text)
        targets.append(float(row.label))
        spans.append(row.spans)
    for i in range(count // 100):  # so that late positions are met too
        rng = np.random.default_rng([SEEDS["long"], i])
        row = corpus.review(rng, i % 2, corpus.PHENOMENA[i % 3], sentences=int(rng.integers(20, 50)))
        texts.append(row.text)
        targets.append(float(row.label))
        spans.append(row.spans)
    for i in range(count // 7):
        texts.append(corpus.neutral(np.random.default_rng([SEEDS["neutral"], i])))
        targets.append(0.5)
        spans.append(())
    return texts, targets, spans


def heldout(held, count, seen, split=None):
    """count reviews that hold something kept out of training, none of them among the seen texts: a third of each phenomenon, half of each label."""
    rows, known, i = [], set(seen), 0
    while len(rows) < count:
        n = len(rows)
        row = corpus.review(np.random.default_rng([SEEDS[split or held], i]), n // 3 % 2, corpus.PHENOMENA[n % 3], held)
        i += 1
        if row.text not in known and len(row.text.split()) >= 3:
            known.add(row.text)
            rows.append(row)
    return rows


def batches(lengths, tokens, rng):
    """Index arrays of texts of about one length, about so many tokens each, in random order."""
    order = np.array(sorted(range(len(lengths)), key=lambda i: (lengths[i] + rng.uniform(0, 4), i)))
    made, at = [], 0
    while at < len(order):
        size = max(4, tokens // max(8, lengths[order[at]]))
        made.append(order[at:at + size])
        at += size
    rng.shuffle(made)
    return made
