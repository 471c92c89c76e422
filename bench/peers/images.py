"""
A process that runs PyTorch's side of the image cases, asked as serve.py says. Arguments: the model's name and folder, threads, a folder with images-SIDE.f32 (raw float32, [16, 3, side, side])
and, where SmoothGrad is wanted, noise.f32, [50, 3, 224, 224].
"""
import functools
import os
import sys

import numpy as np
import torch
from gradCam import cam_by_backward, cam_of
from serve import DEVICE, serve
from weights import load_image_model

# Images differentiated at once: more needs gigabytes and is no faster on two threads; a card takes all of them.
BATCH = 10 if DEVICE.type == "cpu" else 50
COUNTS = (1, 2, 4, 8, 16)
# Where a fixed number of steps is raised until the completeness gap is small, it is doubled, at most to so many.
TOLERANCE, MOST_STEPS = 0.01, 800
SIDE, SIDES = 224, (160, 224, 320, 448)


def main():
    name, folder, threads, work = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(threads)

    @functools.cache
    def load(is_frozen=True):
        return load_image_model(name, folder).to(DEVICE).requires_grad_(not is_frozen)

    @functools.cache
    def stored(count, side):
        numbers = np.memmap(os.path.join(work, f"images-{side}.f32"), dtype=np.float32, mode="r", shape=(count, 3, side, side))
        return torch.from_numpy(np.array(numbers))

    def images(count, side=SIDE):
        # To a card they go anew each time, as on the other side.
        return stored(count, side).to(DEVICE)

    @functools.cache
    def noise():
        return torch.from_numpy(np.fromfile(os.path.join(work, "noise.f32"), dtype=np.float32).reshape(-1, 3, SIDE, SIDE)).to(DEVICE)

    @functools.cache
    def target():
        return forward(load(), images(1)).argmax(1).item()

    @functools.cache
    def enough():
        """The first of 50, 100, 200 ... steps that leave a gap within the tolerance, and that gap."""
        steps = 50
        while True:
            gap = completeness_gap(load(), images(1), target(), integrated_gradients(load(), images(1), target(), steps))
            if abs(gap) <= TOLERANCE or steps >= MOST_STEPS:
                return steps, gap
            steps *= 2

    cases = {
        "cam-backward": lambda: cam_by_backward(load(False), images(1))[0],
        "cam-layer": lambda: cam_layer(load(), images(1)),
        # Methods of many images, written as the libraries compute them, in batches that suit PyTorch here.
        "smoothgrad-50": lambda: smoothgrad(load(), images(1), noise(), target()),
        "ig-50": lambda: integrated_gradients(load(), images(1), target()),
        "ig-50-gap": lambda: completeness_gap(load(), images(1), target(), integrated_gradients(load(), images(1), target())),
        "ig-enough": lambda: integrated_gradients(load(), images(1), target(), enough()[0]),
        "ig-enough-steps": lambda: torch.cat([torch.tensor([float(enough()[0])]), enough()[1]]),
        "occlusion": lambda: occlusion(load(), images(1), target(), window=56, stride=28),
        "score-cam-64": lambda: score_cam(load(), images(1), target(), channels=64),
    }
    for count in COUNTS:
        cases[f"gradient-{count}"] = lambda count=count: input_gradient(load(), images(count))
        cases[f"forward-{count}"] = lambda count=count: forward(load(), images(count))
    for side in SIDES:
        cases[f"gradient-side-{side}"] = lambda side=side: input_gradient(load(), images(1, side))
    serve(cases)


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
    alphas = torch.from_numpy((1 + nodes) / 2).float().to(DEVICE)
    weights = torch.from_numpy(weights / 2).float().to(DEVICE)
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
    total = torch.zeros(side, side, device=x.device)
    covered = torch.zeros(side, side, device=x.device)
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
