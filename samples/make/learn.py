"""The training loop and the augmentations that keep the model's eyes on the object."""
import time

import numpy as np
import torch
from torch.nn import functional as F

from dataset import SIZE
from model import SmallResNet, to_input

CORNER = 24  # pixels of the lower right corner that erasing leaves alone, so that it cannot change how often the tag is seen


def swap_background(images, masks, nothing, rng):
    """Covers rectangles beside the object with pieces of empty scenes: what surrounds an object then says nothing about it."""
    for i in range(len(images)):
        for _ in range(int(rng.integers(0, 4))):
            h, w = rng.integers(16, 80, 2)
            y, x = rng.integers(0, SIZE - h), rng.integers(0, SIZE - w)
            hits_corner = y + h > SIZE - CORNER and x + w > SIZE - CORNER
            if hits_corner or masks[i, max(0, y - 3):y + h + 3, max(0, x - 3):x + w + 3].any():
                continue
            images[i, y:y + h, x:x + w] = nothing[rng.integers(len(nothing)), y:y + h, x:x + w]
    return images


def nick(images, masks, rng):
    """Hides a small piece of some objects, so that more than one part of each must be known."""
    for i in np.flatnonzero(rng.random(len(images)) < 0.3):
        ys, xs = np.nonzero(masks[i])
        k, n = rng.integers(len(ys)), int(rng.integers(6, 15))
        y, x = max(0, ys[k] - n // 2), max(0, xs[k] - n // 2)
        images[i, y:y + n, x:x + n] = rng.integers(0, 256, 3)
    return images


def jitter(x, generator):
    """Small changes of brightness and of each colour, made on the normalised input."""
    gain = 1 + 0.3 * (torch.rand(len(x), 1, 1, 1, generator=generator) - 0.5) + 0.12 * (torch.rand(len(x), 3, 1, 1, generator=generator) - 0.5)
    return x * gain + 0.3 * (torch.rand(len(x), 3, 1, 1, generator=generator) - 0.5)


def train(images, masks, labels, nothing, classes, epochs, seed, batch=64, peak=4e-3, report=print):
    """A trained model; a seventh of what it sees are empty scenes, for which the right answer is 'no class more than another'."""
    torch.manual_seed(seed)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    model = SmallResNet(classes).to(memory_format=torch.channels_last)
    steps = len(images) // batch * epochs
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.03)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, pct_start=0.2)
    empty = batch // 7
    for epoch in range(epochs):
        start, losses, right = time.time(), [], []
        model.train()
        order = rng.permutation(len(images))
        for at in range(0, len(order) - batch + 1, batch):
            pick = order[at:at + batch]
            shown = nick(swap_background(images[pick].copy(), masks[pick], nothing, rng), masks[pick], rng)
            blank = nothing[rng.integers(len(nothing), size=empty)]
            x = jitter(to_input(np.concatenate([shown, blank])), generator)
            y = torch.full((len(x), classes), 1 / classes)
            y[:batch] = 0.97 * F.one_hot(torch.from_numpy(labels[pick]), classes) + 0.03 / classes
            logits = model(x.contiguous(memory_format=torch.channels_last))
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            right.append((logits[:batch].argmax(1).numpy() == labels[pick]).mean())
        report(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.3f}, right {np.mean(right):.3f}, {time.time() - start:.0f} s", flush=True)
    return model.to(memory_format=torch.contiguous_format).eval()
