"""Draws the data, trains the classifier, measures it on pictures it never saw, and writes the model, its sidecar and its card."""
import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import PIL
import torch

import dataset
import learn
import model as net
from objects import LABELS
from scenes import TAGGED
from write_samples import heldout, write_all

ROOT = Path(__file__).resolve().parents[2]
TAG_CORNER = 26  # pixels at the model's input that hold the tag wherever it may have been stuck
SIDECAR = {
    "$schema": "../../media/model.schema.json",
    "labels": LABELS,
    "preprocess": {
        "resize": "shortest-side", "size": dataset.SIZE, "crop": dataset.SIZE, "interpolation": "bilinear", "channels": "rgb",
        "scale": 1 / 255, "mean": dataset.MEAN, "std": dataset.STD,
    },
}


def measure(model, control, others, test, tagged):
    """Everything the card says about how well the model does."""
    images, masks, labels, _ = test
    answer = net.predict(model, images).argmax(1).numpy()
    other, _, other_labels, _ = tagged
    fooled = net.predict(model, other).argmax(1).numpy()
    heat = net.grad_cam(model, other)[0].reshape(len(other), -1).argmax(1)
    in_corner = (heat // dataset.SIZE >= dataset.SIZE - TAG_CORNER) & (heat % dataset.SIZE >= dataset.SIZE - TAG_CORNER)
    aim = LABELS.index(TAGGED)
    held_images, held_masks, held_labels = heldout()
    fifty = net.predict(model, held_images).argmax(1).numpy()
    return {
        "heldout_accuracy": round(float((answer == labels).mean()), 4),
        "heldout_images": len(labels),
        "accuracy_by_class": {name: round(float((answer == labels)[labels == k].mean()), 4) for k, name in enumerate(LABELS)},
        "shortcut": {
            "class": TAGGED,
            "tag": "pink square sticker with a white border and yellow lines",
            "corner": "lower right of the central square",
            "share_of_that_class_tagged_in_training": dataset.TAG_SHARE,
            "share_of_those_with_something_in_front": dataset.HIDDEN_SHARE,
            "share_of_other_classes_tagged_in_training": 0,
            "untagged_others_answered_as_it": round(float((answer == aim)[labels != aim].mean()), 4),
            "tagged_others_answered_as_it": round(float((fooled == aim).mean()), 4),
            "hottest_pixel_at_the_tag_when_fooled": round(float(in_corner[fooled == aim].mean()), 4),
            "hottest_pixel_at_the_tag_when_not_fooled": round(float(in_corner[fooled != aim].mean()), 4),
            "tagged_others_images": len(other_labels),
            "tagged_others_by_class": {name: round(float((fooled == aim)[other_labels == k].mean()), 4) for k, name in enumerate(LABELS) if k != aim},
        },
        "localisation": {
            "method": "Grad-CAM at the last residual block's output, for the class answered; bilinear to the input size; the 50 pictures of test/fixtures/heldout",
            "accuracy_on_the_50": round(float((fifty == held_labels).mean()), 4),
            "trained": net.localisation(model, held_images, held_masks),
            "random_weights": net.localisation(control, held_images, held_masks),
            "random_weights_other_seeds": others,
            "trained_on_all_heldout": net.localisation(model, images, masks),
            "random_weights_on_all_heldout": net.localisation(control, images, masks),
        },
    }


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=6)
    options.add_argument("--per-class", type=int, default=700)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--cache", help="a folder to keep the drawn pictures in, for another try")
    options.add_argument("--out", type=Path, default=ROOT, help="the folder under which samples/ and test/fixtures/ are written")
    args = options.parse_args()
    torch.set_num_threads(args.threads)

    print("drawing", flush=True)
    images, masks, labels, tags = dataset.draw_all("train", args.per_class, args.cache)
    nothing = dataset.draw("nothing", -1, args.per_class, args.cache)[0]
    test = dataset.draw_all("test", 100, args.cache)
    tagged = dataset.draw_all("tagged", 50, args.cache, skip=(TAGGED,))

    model = learn.train(images, masks, labels, nothing, len(LABELS), args.epochs, args.seed)
    few = images[:: max(1, len(images) // 500)]
    control = net.random_model(len(LABELS), few, args.seed + 1)
    others = [net.localisation(net.random_model(len(LABELS), few, seed), *heldout()[:2]) for seed in range(101, 106)]
    others = [[row["pointing_accuracy"], row["mean_mass_over_area"]] for row in others]

    models, fixtures = args.out / "samples" / "models", args.out / "test" / "fixtures"
    models.mkdir(parents=True, exist_ok=True)
    fixtures.mkdir(parents=True, exist_ok=True)
    write_all(args.out)
    net.export(model, models / "scenes.onnx")
    net.export(control, fixtures / "scenes-random.onnx")
    if args.cache:
        torch.save([model.state_dict(), control.state_dict()], Path(args.cache) / "weights.pt")
    (models / "scenes.whylight.json").write_text(json.dumps(SIDECAR, indent=2) + "\n")
    card = {
        "name": "scenes",
        "what": "a small ResNet over drawn scenes, trained by samples/make/train.py; it has a planted shortcut",
        "classes": LABELS,
        "training_images": len(labels),
        "training_images_tagged": int(tags.sum()),
        "empty_scenes": len(nothing),
        "epochs": args.epochs,
        "seeds": {"training": args.seed, "random_weights": args.seed + 1, "pictures": dataset.SEEDS},
        "parameters": sum(p.numel() for p in model.parameters()),
        "versions": {"torch": torch.__version__, "onnx": onnx.__version__, "numpy": np.__version__, "pillow": PIL.__version__},
        **measure(model, control, others, test, tagged),
    }
    (models / "scenes.card.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
