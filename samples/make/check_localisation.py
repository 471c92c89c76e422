"""Measures from the files alone where Grad-CAM of the shipped model, and of the control with random weights, points on the 50 held-out pictures."""
import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from PIL import Image
from torch.nn import functional as F

from dataset import resize_and_crop
from model import localisation, to_input

ROOT = Path(__file__).resolve().parents[2]
NEED_POINTING, NEED_MASS = 0.85, 3.0


class OnnxNet:
    """Just enough of ONNX to run these two files in torch, so that what is measured is the file and not the training code."""

    def __init__(self, path):
        self.graph = onnx.load(path).graph
        self.constants = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in self.graph.initializer}
        pool = next(i for i, node in enumerate(self.graph.node) if node.op_type == "GlobalAveragePool")
        self.body, self.tail = self.graph.node[:pool], self.graph.node[pool:]

    def eval(self):
        return self

    def _run(self, nodes, values):
        for node in nodes:
            a = [values[n] if n in values else self.constants[n] for n in node.input]
            attributes = {x.name: onnx.helper.get_attribute_value(x) for x in node.attribute}
            if node.op_type == "Conv":
                out = F.conv2d(*a, stride=attributes["strides"], padding=attributes["pads"][:2])
            elif node.op_type == "Relu":
                out = F.relu(a[0])
            elif node.op_type == "Add":
                out = a[0] + a[1]
            elif node.op_type == "GlobalAveragePool":
                out = a[0].mean((2, 3), keepdim=True)
            elif node.op_type == "Flatten":
                out = a[0].flatten(1)
            elif node.op_type == "Gemm":
                out = F.linear(a[0], a[1] if attributes.get("transB") else a[1].T, a[2])
            else:
                raise ValueError(f"this check does not know {node.op_type}")
            values[node.output[0]] = out
        return out

    def features(self, x):
        self.between = self.body[-1].output[0]
        return self._run(self.body, {self.graph.input[0].name: x})

    def head(self, activation):
        return self._run(self.tail, {self.between: activation})


def load_pictures(folder):
    names = json.loads((folder / "labels.json").read_text())
    images = np.stack([np.asarray(resize_and_crop(Image.open(folder / n).convert("RGB"))) for n in names])
    masks = np.stack([np.asarray(resize_and_crop(Image.open(folder / n.replace(".jpg", ".mask.png")))) > 127 for n in names])
    return images, masks, list(names.values())


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--root", type=Path, default=ROOT)
    root = options.parse_args().root
    fixtures = root / "test" / "fixtures"
    labels = json.loads((root / "samples" / "models" / "scenes.whylight.json").read_text())["labels"]
    images, masks, truth = load_pictures(fixtures / "heldout")
    passed = []
    for title, path in (("trained", root / "samples" / "models" / "scenes.onnx"), ("random weights", fixtures / "scenes-random.onnx")):
        net = OnnxNet(path)
        with torch.no_grad():
            answers = [labels[k] for k in net.head(net.features(to_input(images))).argmax(1)]
        found = localisation(net, images, masks)
        right = sum(a == t for a, t in zip(answers, truth))
        print(f"{title}: {right} of {len(truth)} right; hottest pixel in the mask {found['pointing_accuracy']:.1%}; "
              f"mass share over area share {found['mean_mass_over_area']:.2f} (mean), {found['mean_mass_over_mean_area']:.2f} (of means)")
        passed.append([found["pointing_accuracy"] >= NEED_POINTING, found["mean_mass_over_area"] >= NEED_MASS])
    if not (all(passed[0]) and not any(passed[1])):
        raise SystemExit("not as it should be: the trained model must pass both thresholds and the control neither")
    print(f"as it should be: trained at least {NEED_POINTING:.0%} and {NEED_MASS}, the control below both")


if __name__ == "__main__":
    main()
