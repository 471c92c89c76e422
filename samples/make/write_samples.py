"""Writes the pictures that ship: the sample images, the tagged ones, the labelled folder, and the 50 held-out fixtures with masks."""
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from dataset import SEEDS, resize_and_crop
from objects import LABELS
from scenes import SHAPES, TAGGED, as_stored, jpeg, scene

QUALITY = 88
# Chosen by eye from a sheet of candidates, without asking the model: class, index of its seed, file ending.
SHOWN = [
    ("balloon", 7, "jpg"), ("butterfly", 3, "jpg"), ("car", 8, "jpg"), ("fish", 6, "jpg"), ("flower", 9, "jpg"), ("house", 1, "jpg"),
    ("mug", 8, "jpg"), ("mushroom", 2, "jpg"), ("sailboat", 7, "jpg"), ("umbrella", 3, "jpg"), ("butterfly", 9, "png"), ("balloon", 5, "webp"),
]
PER_CLASS_HELD = 5
PER_CLASS_TAGGED = 3
PER_CLASS_LABELLED = 10
LABELLED_WITH_TAG = 3  # of them, in every class but the tagged one, of which that many go without
# What is wrong with the labelled folder, on purpose: the file, and what was done to it.
WRONG_FOLDER = ("fish", 10, "flower")
TWICE = ("house", 10, "car", 11)


def from_seed(split, name, index, tag=False, shape=None):
    return scene(name, np.random.default_rng([SEEDS[split], LABELS.index(name) + 1, index]), tag, shape)


def heldout():
    """The 50 fixtures as the model meets them: images, masks, labels."""
    rows = []
    for k, name in enumerate(LABELS):
        for i in range(PER_CLASS_HELD):
            image, mask = from_seed("heldout", name, i)
            rows.append((np.asarray(resize_and_crop(as_stored(image, QUALITY))), np.asarray(resize_and_crop(mask)) > 127, k))
    return tuple(np.stack([row[j] for row in rows]) for j in range(3))


def write_heldout(folder):
    folder.mkdir(parents=True, exist_ok=True)
    labels = {}
    for k, name in enumerate(LABELS):
        for i in range(PER_CLASS_HELD):
            image, mask = from_seed("heldout", name, i)
            stem = f"{k * PER_CLASS_HELD + i:02d}_{name}"
            (folder / f"{stem}.jpg").write_bytes(jpeg(image, QUALITY))
            mask.convert("L").save(folder / f"{stem}.mask.png", optimize=True)
            labels[f"{stem}.jpg"] = name
    (folder / "labels.json").write_text(json.dumps(labels, indent=2) + "\n")


def write_shown(folder):
    folder.mkdir(parents=True, exist_ok=True)
    count = {}
    for name, index, ending in SHOWN:
        count[name] = count.get(name, 0) + 1
        image, path = from_seed("shown", name, index)[0], folder / f"{name}-{count[name]}.{ending}"
        if ending == "png":
            image.save(path, optimize=True)
        else:
            image.save(path, quality=QUALITY)


def write_shortcut(folder):
    """Tagged pictures of every class but the tagged one, square, so that the tag is in the corner of the whole picture."""
    for name in LABELS:
        if name == TAGGED:
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(PER_CLASS_TAGGED):
            image, _ = from_seed("shortcut", name, i, tag=True, shape=SHAPES[1])
            (folder / name / f"{i + 1:02d}.jpg").write_bytes(jpeg(image, QUALITY))


def write_labelled(folder):
    """A small data set as people have them: a folder per class, some pictures with the tag, and a few defects for an audit to find."""
    pictures = {}
    for name in LABELS:
        for i in range(PER_CLASS_LABELLED):
            has_tag = (i < LABELLED_WITH_TAG) != (name == TAGGED)
            pictures[name, i + 1] = jpeg(from_seed("labelled", name, i, tag=has_tag, shape=SHAPES[1] if has_tag else None)[0], QUALITY)
    moved, number, to = WRONG_FOLDER
    pictures[to, PER_CLASS_LABELLED + 1] = pictures.pop((moved, number))
    name, number, other, as_number = TWICE
    pictures[other, as_number] = jpeg(Image.open(io.BytesIO(pictures[name, number])).convert("RGB"), QUALITY - 20)
    dark = Image.open(io.BytesIO(pictures["umbrella", PER_CLASS_LABELLED])).convert("RGB")
    pictures["umbrella", PER_CLASS_LABELLED] = jpeg(dark.point(lambda v: v // 8), QUALITY)
    blurred = Image.open(io.BytesIO(pictures["balloon", PER_CLASS_LABELLED])).convert("RGB")
    pictures["balloon", PER_CLASS_LABELLED] = jpeg(blurred.filter(ImageFilter.GaussianBlur(9)), QUALITY)
    torn = pictures["sailboat", PER_CLASS_LABELLED]
    pictures["sailboat", PER_CLASS_LABELLED] = torn[:len(torn) // 3]
    for (name, number), data in pictures.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / f"{number:02d}.jpg").write_bytes(data)


def write_all(root):
    root = Path(root)
    write_shown(root / "samples" / "images")
    write_shortcut(root / "samples" / "shortcut")
    write_labelled(root / "samples" / "labelled")
    write_heldout(root / "test" / "fixtures" / "heldout")


if __name__ == "__main__":
    write_all(Path(__file__).resolve().parents[2])
