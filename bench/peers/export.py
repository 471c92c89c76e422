"""Writes a torchvision ResNet-50 with random weights into a folder: resnet50.onnx, exported by PyTorch, and resnet50.pt, its state_dict."""
import inspect
import os
import sys
import warnings

import torch
from vision import load_torchvision


def main():
    folder = sys.argv[1]
    torch.manual_seed(0)
    model = load_torchvision().models.resnet50(weights=None)
    settle(model)
    torch.save(model.state_dict(), os.path.join(folder, "resnet50.pt"))
    # Newer versions export through torch.export unless told otherwise; both forms are graphs of the same operators.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        model, (torch.randn(1, 3, 224, 224),), os.path.join(folder, "resnet50.onnx"), opset_version=17, input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, **older,
    )


def settle(model):
    """Gives batch normalisation statistics to divide by, since untouched ones let random weights blow the activations up."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    model.train()
    with torch.no_grad():
        model(torch.randn(8, 3, 224, 224))
    model.eval()


main()
