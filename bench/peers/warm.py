"""
A process that runs PyTorch's side of the warm cases, asked as serve.py says. Arguments: weights, input (raw float32, [8, 3, 224, 224]), threads.
Beside the input lies noise.f32, [50, 3, 224, 224], where SmoothGrad is wanted.
"""
import functools
import os
import sys

import numpy as np
import torch
from serve import serve
from vision import load_torchvision

# Images differentiated at once: more needs gigabytes and is no faster on two threads.
BATCH = 10


def main():
    weights, input_file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    images = torch.from_numpy(np.fromfile(input_file, dtype=np.float32).reshape(8, 3, 224, 224))
    cases = make_cases(weights, images)
    cases |= make_attributions(weights, images[:1], os.path.join(os.path.dirname(input_file), "noise.f32"))
    serve(cases)


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


def make_attributions(weights, one, noise_file):
    """Methods of many images, written as the libraries compute them, in batches that suit PyTorch here."""
    frozen = load(weights).requires_grad_(False)
    with torch.inference_mode():
        target = frozen(one).argmax(1).item()

    @functools.cache
    def noise():
        return torch.from_numpy(np.fromfile(noise_file, dtype=np.float32).reshape(-1, 3, 224, 224))

    return {
        "smoothgrad-50": lambda: smoothgrad(frozen, one, noise(), target),
        "ig-50": lambda: integrated_gradients(frozen, one, target),
        "ig-50-gap": lambda: completeness_gap(frozen, one, target, integrated_gradients(frozen, one, target)),
        "occlusion": lambda: occlusion(frozen, one, target, window=56, stride=28),
        "score-cam-64": lambda: score_cam(frozen, one, target, channels=64),
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


def class_gradients(model, images, target):
    x = images.detach().requires_grad_()
    return torch.autograd.grad(model(x)[:, target].sum(), x)[0]


def smoothgrad(model, x, noise, target):
    total = torch.zeros_like(x)
    for part in noise.split(BATCH):
        total += class_gradients(model, x + part, target).sum(0, keepdim=True)
    return total / len(noise)


def integrated_gradients(model, x, target, steps=50):
    """As Captum: Gauss-Legendre nodes, the baseline 0 in normalised units."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    alphas = torch.from_numpy((1 + nodes) / 2).float()
    weights = torch.from_numpy(weights / 2).float()
    total = torch.zeros_like(x)
    for alpha, weight in zip(alphas.split(BATCH), weights.split(BATCH)):
        gradients = class_gradients(model, alpha.view(-1, 1, 1, 1) * x, target)
        total += (weight.view(-1, 1, 1, 1) * gradients).sum(0, keepdim=True)
    return x * total


def completeness_gap(model, x, target, attributions):
    with torch.inference_mode():
        logits = model(torch.cat([x, torch.zeros_like(x)]))[:, target].double()
    difference = logits[0] - logits[1]
    return ((attributions.double().sum() - difference) / difference).float().view(1)


def occlusion(model, x, target, window, stride):
    """As Captum: windows over all channels, 0 in normalised units, the mean over the windows that cover a pixel."""
    side = x.shape[-1]
    starts = range(0, side - window + 1, stride)
    total = torch.zeros(side, side)
    covered = torch.zeros(side, side)
    places = [(top, left) for top in starts for left in starts]
    with torch.inference_mode():
        whole = model(x)[0, target]
        for first in range(0, len(places), 8):
            part = places[first : first + 8]
            images = x.repeat(len(part), 1, 1, 1)
            for image, (top, left) in zip(images, part):
                image[:, top : top + window, left : left + window] = 0
            for score, (top, left) in zip(model(images)[:, target], part):
                total[top : top + window, left : left + window] += whole - score
                covered[top : top + window, left : left + window] += 1
    return total / covered


def score_cam(model, x, target, channels):
    """As pytorch-grad-cam, of the channels that vary most (by standard deviation); its batches hold 16 images."""
    seen = {}
    handle = model.layer4.register_forward_hook(lambda module, inputs, activation: seen.update(activation=activation))
    with torch.inference_mode():
        model(x)
        handle.remove()
        activation = seen["activation"]
        chosen = activation[0].flatten(1).double().var(1, unbiased=False).sort(descending=True, stable=True).indices[:channels].sort().values
        activation = activation[:, chosen]
        masks = torch.nn.functional.interpolate(activation, size=x.shape[-2:], mode="bilinear", align_corners=True)[0]
        low, high = (reduce(masks.flatten(1), 1) for reduce in (torch.amin, torch.amax))
        masks = (masks - low.view(-1, 1, 1)) / (high - low + 1e-8).view(-1, 1, 1)
        scores = torch.cat([model(x * part.unsqueeze(1))[:, target] for part in masks.split(16)])
        return (scores.softmax(0).view(1, -1, 1, 1) * activation).sum(1)


def forward(model, x):
    with torch.inference_mode():
        return model(x)


main()
