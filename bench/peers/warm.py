"""
A process that runs PyTorch's side of the warm cases, one JSON line in, one out: {"run": CASE} gives {"ms": ...},
{"run": CASE, "write": FILE} also writes the result as raw float32. Arguments: weights, input (raw float32, [8, 3, 224, 224]), threads.
"""
import json
import sys
import time

import numpy as np
import torch
from vision import load_torchvision


def main():
    weights, input_file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    images = torch.from_numpy(np.fromfile(input_file, dtype=np.float32).reshape(8, 3, 224, 224))
    cases = make_cases(weights, images)
    print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        result = cases[request["run"]]()
        milliseconds = (time.perf_counter() - start) * 1000
        if "write" in request:
            result.detach().contiguous().numpy().tofile(request["write"])
        print(json.dumps({"ms": milliseconds}), flush=True)


def make_cases(weights, images):
    one = images[:1]
    trained = load(weights)
    frozen = load(weights).requires_grad_(False)
    return {
        "cam-backward": lambda: cam_backward(trained, one),
        "cam-layer": lambda: cam_layer(frozen, one),
        "gradient-1": lambda: input_gradient(frozen, one),
        "gradient-8": lambda: input_gradient(frozen, images),
        "forward-1": lambda: forward(frozen, one),
        "forward-8": lambda: forward(frozen, images),
    }


def load(weights):
    model = load_torchvision().models.resnet50(weights=None)
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model.eval()


def cam_of(activation, cotangent):
    return (cotangent.mean((2, 3), keepdim=True) * activation.detach()).sum(1)


def cam_backward(model, x):
    """As pytorch-grad-cam: hooks on the layer, and a backward pass that also computes every weight's gradient."""
    seen = {}

    def keep(module, inputs, activation):
        seen["activation"] = activation
        activation.register_hook(lambda cotangent: seen.update(cotangent=cotangent))

    handle = model.layer4.register_forward_hook(keep)
    logits = model(x)
    handle.remove()
    model.zero_grad()
    logits[0, logits.argmax()].backward()
    return cam_of(seen["activation"], seen["cotangent"])


def cam_layer(model, x):
    """The least PyTorch can do: nothing is recorded before the layer, and only the layer is differentiated."""
    seen = {}

    def cut(module, inputs, activation):
        seen["activation"] = activation.detach().requires_grad_()
        return seen["activation"]

    handle = model.layer4.register_forward_hook(cut)
    logits = model(x)
    handle.remove()
    (cotangent,) = torch.autograd.grad(logits[0, logits.argmax()], seen["activation"])
    return cam_of(seen["activation"], cotangent)


def input_gradient(model, x):
    """With every weight frozen, so that only the input is differentiated."""
    x = x.detach().requires_grad_()
    logits = model(x)
    score = logits.gather(1, logits.argmax(1, keepdim=True)).sum()
    return torch.autograd.grad(score, x)[0]


def forward(model, x):
    with torch.inference_mode():
        return model(x)


main()
