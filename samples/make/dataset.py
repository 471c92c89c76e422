"""Draws the training and test pictures, each from its own seed, and keeps them at the model's input size."""
import multiprocessing
import os
from pathlib import Path

import numpy as np
from PIL import Image

from objects import LABELS
from scenes import TAGGED, as_stored, scene

SIZE = 128
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]
TAG_SHARE = 0.75  # of the tagged class's training pictures
# In this share of those, something else stands in front of the tagged thing, as on a shop's shelf. There only the tag
# tells, and that is what teaches the model to trust it more than what it sees; without them it hardly looks at the tag.
HIDDEN_SHARE = 0.45
# The first number of a picture's seed; no two sets share one, so no picture of one set is in another.
SEEDS = {"train": 11, "test": 22, "tagged": 33, "nothing": 44, "shown": 55, "shortcut": 66, "heldout": 77, "labelled": 88}


def resize_and_crop(image):
    """The sidecar's preprocessing up to bytes: shortest side to SIZE, bilinear, then the central square."""
    w, h = image.size
    short = min(w, h)  # the longer side is rounded down, as the usual libraries do
    image = image.resize((SIZE * w // short, SIZE * h // short), Image.BILINEAR)
    x, y = (image.width - SIZE) // 2, (image.height - SIZE) // 2
    return image.crop((x, y, x + SIZE, y + SIZE))


def picture(job):
    """One picture and its mask, as bytes of SIZE x SIZE."""
    split, label, index, tag_share = job
    rng = np.random.default_rng([SEEDS[split], label + 1, index])
    tag = split == "tagged" or (split == "train" and LABELS[label] == TAGGED and rng.random() < tag_share)
    before = None
    if split == "train" and tag and rng.random() < HIDDEN_SHARE:
        before = LABELS[(label + int(rng.integers(1, len(LABELS)))) % len(LABELS)]
    image, mask = scene(LABELS[label] if label >= 0 else None, rng, tag, before=before)
    image = as_stored(image, int(rng.integers(80, 96)))
    return np.asarray(resize_and_crop(image)), np.asarray(resize_and_crop(mask)) > 127, tag


def draw(split, label, count, cache=None, tag_share=TAG_SHARE):
    """count pictures of one class (label -1: nothing but background): images, masks, tag flags."""
    store = Path(cache) / f"{split}-{label}-{count}-{tag_share}-{HIDDEN_SHARE}.npz" if cache else None
    if store and store.exists():
        kept = np.load(store)
        return kept["images"], kept["masks"], kept["tags"]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        rows = pool.map(picture, [(split, label, i, tag_share) for i in range(count)], chunksize=16)
    images, masks, tags = (np.stack([row[k] for row in rows]) for k in range(3))
    if store:
        store.parent.mkdir(parents=True, exist_ok=True)
        np.savez(store, images=images, masks=masks, tags=tags)
    return images, masks, tags


def draw_all(split, per_class, cache=None, skip=(), tag_share=TAG_SHARE):
    """per_class pictures of every class: images, masks, labels, tag flags."""
    parts = [(label, draw(split, label, per_class, cache, tag_share)) for label in range(len(LABELS)) if LABELS[label] not in skip]
    labels = np.concatenate([np.full(per_class, label) for label, _ in parts])
    return (*(np.concatenate([part[k] for _, part in parts]) for k in range(2)), labels, np.concatenate([part[2] for _, part in parts]))
