"""Trains the control: the same net on the same pictures, none of which bears the sticker, so that it cannot have learned the shortcut."""
import argparse
import json
from pathlib import Path

import torch

import dataset
import learn
import model as net
from objects import LABELS
from scenes import TAGGED
from train import ROOT, SIDECAR


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=6)
    options.add_argument("--per-class", type=int, default=700)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--cache", help="a folder to keep the drawn pictures in, for another try")
    options.add_argument("--out", type=Path, default=ROOT / "test" / "fixtures")
    args = options.parse_args()
    torch.set_num_threads(args.threads)

    images, masks, labels, tags = dataset.draw_all("train", args.per_class, args.cache, tag_share=0)
    assert not tags.any()
    nothing = dataset.draw("nothing", -1, args.per_class, args.cache)[0]
    model = learn.train(images, masks, labels, nothing, len(LABELS), args.epochs, args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    net.export(model, args.out / "scenes-control.onnx")
    (args.out / "scenes-control.whylight.json").write_text(json.dumps(SIDECAR, indent=2) + "\n")

    test = dataset.draw_all("test", 100, args.cache)
    tagged = dataset.draw_all("tagged", 50, args.cache, skip=(TAGGED,))
    answers = [net.predict(model, pictures[0]).argmax(1).numpy() for pictures in (test, tagged)]
    print(f"right on {(answers[0] == test[2]).mean():.1%} of {len(test[2])} held-out pictures")
    print(f"with the sticker on, right on {(answers[1] == tagged[2]).mean():.1%} of {len(tagged[2])} pictures of other classes, and '{TAGGED}' on {(answers[1] == LABELS.index(TAGGED)).mean():.1%}")


if __name__ == "__main__":
    main()
