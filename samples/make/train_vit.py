"""Trains the small vision transformer on the scenes, with the shipped ResNet as its teacher, and writes the model, its sidecar, its card and recorded logits."""
import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import PIL
import torch
from torch.nn import functional as F

import dataset
from learn import jitter, nick, swap_background
from model import localisation, predict, to_input
from objects import LABELS
from scenes import TAGGED
from train import ROOT, SIDECAR, TAG_CORNER
from vit import SmallViT, class_attention, export, grad_cam
from write_samples import heldout

WARMTH = 2.0  # the temperature at which the student reads the teacher's probabilities
RECORDED = 6  # pictures whose logits are recorded


def teacher_of(path):
    """The ResNet's logits for a batch, from the file that ships."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options)
    return lambda x: torch.from_numpy(session.run(None, {"input": x.numpy()})[0])


def move(x, stays, generator):
    """Mirrors, shifts and scales the pictures; those that bear a tag stay as they are, so that it stays in its corner."""
    n = len(x)
    uniform = lambda low, high: low + (high - low) * torch.rand(n, generator=generator)
    mirror, scale = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0), uniform(0.8, 1.15)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = mirror * scale, scale
    theta[:, 0, 2], theta[:, 1, 2] = uniform(-0.2, 0.2), uniform(-0.2, 0.2)
    moved = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), padding_mode="reflection", align_corners=False)
    return torch.where(stays[:, None, None, None], x, moved)


def loss_of(logits, known, target):
    """Cross-entropy to the labels and to the teacher's softened answer, in equal parts."""
    soft = F.kl_div(F.log_softmax(logits / WARMTH, 1), F.softmax(known / WARMTH, 1), reduction="batchmean") * WARMTH**2
    return 0.5 * F.cross_entropy(logits, target) + 0.5 * soft


def learn(images, masks, labels, tags, nothing, teacher, epochs, seed, batch=64, peak=1.5e-3):
    """A running average of the weights of a trained model; a tenth of what it sees are empty scenes, as in learn.py."""
    torch.manual_seed(seed)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    classes = len(LABELS)
    model = SmallViT(classes, depth=5).to(memory_format=torch.channels_last)
    average = copy.deepcopy(model).eval()
    steps, step, empty = len(images) // batch * epochs, 0, batch // 10
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.05)
    for epoch in range(epochs):
        start, losses, right = time.time(), [], []
        model.train()
        order = rng.permutation(len(images))
        for at in range(0, len(order) - batch + 1, batch):
            pick = order[at:at + batch]
            shown = nick(swap_background(images[pick].copy(), masks[pick], nothing, rng), masks[pick], rng)
            blank = nothing[rng.integers(len(nothing), size=empty)]
            stays = torch.from_numpy(np.concatenate([tags[pick], np.zeros(empty, bool)]))
            x = jitter(move(to_input(np.concatenate([shown, blank])), stays, generator), generator)
            target = torch.full((len(x), classes), 1 / classes)
            target[:batch] = 0.97 * F.one_hot(torch.from_numpy(labels[pick]), classes) + 0.03 / classes
            logits = model(x.contiguous(memory_format=torch.channels_last))
            loss = loss_of(logits, teacher(x), target)
            for group in optimizer.param_groups:
                group["lr"] = peak * min(1, step / (0.08 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            keep = min(0.998, step / (step + 10))
            with torch.no_grad():
                for kept, new in zip(average.state_dict().values(), model.state_dict().values()):
                    kept.lerp_(new, 1 - keep) if kept.is_floating_point() else kept.copy_(new)
            losses.append(loss.item())
            right.append((logits[:batch].argmax(1).numpy() == labels[pick]).mean())
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.3f}, right {np.mean(right):.3f}, {time.time() - start:.0f} s", flush=True)
        yield average


def at_the_tag(model, images):
    """How much of each head's attention from the class token to the patches lies on the four patches where the tag is: [layers][heads]."""
    weights = class_attention(model, images)
    return np.round(weights[..., -2:, -2:].sum((-1, -2), dtype=np.float64).mean(1), 3).tolist()


def measure(model, test, tagged):
    """What the card says of how well it does, tag and all."""
    answer = predict(model, test[0]).argmax(1).numpy()
    fooled = predict(model, tagged[0]).argmax(1).numpy()
    images, masks, labels = heldout()
    fifty = predict(model, images).argmax(1).numpy()
    aim = LABELS.index(TAGGED)
    hottest = grad_cam(model, tagged[0])[0].reshape(len(tagged[0]), -1).argmax(1)
    in_corner = (hottest // dataset.SIZE >= dataset.SIZE - TAG_CORNER) & (hottest % dataset.SIZE >= dataset.SIZE - TAG_CORNER)
    others = test[0][test[2] != aim]
    return {
        "heldout_accuracy": round(float((answer == test[2]).mean()), 4),
        "heldout_images": len(test[2]),
        "accuracy_by_class": {name: round(float((answer == test[2])[test[2] == k].mean()), 4) for k, name in enumerate(LABELS)},
        "accuracy_on_the_50": round(float((fifty == labels).mean()), 4),
        "shortcut": {
            "class": TAGGED,
            "untagged_others_answered_as_it": round(float((answer == aim)[test[2] != aim].mean()), 4),
            "tagged_others_answered_as_it": round(float((fooled == aim).mean()), 4),
            "tagged_others_images": len(tagged[2]),
            "hottest_pixel_at_the_tag_when_fooled": round(float(in_corner[fooled == aim].mean()), 4),
            "class_attention_at_the_tag_by_layer_and_head": at_the_tag(model, tagged[0]),
            "class_attention_there_without_a_tag": at_the_tag(model, others),
        },
        "localisation": {
            "method": "Grad-CAM at the normalised input of the last attention, for the class answered; bilinear to the input size",
            "on_the_50": localisation(model, images, masks, heatmaps=grad_cam),
            "on_all_heldout": localisation(model, test[0], test[1], heatmaps=grad_cam),
        },
    }


def record(model, path):
    """Logits of a few held-out fixtures and all answers, for the test that runs the file without Python."""
    images, _, labels = heldout()
    logits = predict(model, images)
    names = [f"{i:02d}_{LABELS[k]}.jpg" for i, k in enumerate(labels)]
    pick = range(0, len(names), len(names) // RECORDED)
    rows = {
        "what": "PyTorch's answers for test/fixtures/heldout, written by samples/make/train_vit.py",
        "right": int((logits.argmax(1).numpy() == labels).sum()),
        "logits": {names[i]: [round(v, 6) for v in logits[i].tolist()] for i in list(pick)[:RECORDED]},
    }
    path.write_text(json.dumps(rows, indent=2) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=24)
    options.add_argument("--stop", type=int, default=12, help="ends after so many epochs of the schedule; the answers are those of a running average of the weights")
    options.add_argument("--per-class", type=int, default=1400)
    options.add_argument("--seed", type=int, default=8)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--cache", help="a folder to keep the drawn pictures in, for another try")
    options.add_argument("--out", type=Path, default=ROOT, help="the folder under which samples/ and test/fixtures/ are written")
    args = options.parse_args()
    torch.set_num_threads(args.threads)

    print("drawing", flush=True)
    images, masks, labels, tags = dataset.draw_all("train", args.per_class, args.cache)
    nothing = dataset.draw("nothing", -1, 700, args.cache)[0]
    test = dataset.draw_all("test", 100, args.cache)
    tagged = dataset.draw_all("tagged", 50, args.cache, skip=(TAGGED,))
    teacher = teacher_of(ROOT / "samples" / "models" / "scenes.onnx")
    for done, model in enumerate(learn(images, masks, labels, tags, nothing, teacher, args.epochs, args.seed), 1):
        if args.cache:
            torch.save(model.state_dict(), Path(args.cache) / "vit.pt")
        if done == args.stop:
            break
    facts = {
        "training_images": len(labels), "training_images_tagged": int(tags.sum()), "empty_scenes": len(nothing), "epochs": min(args.stop, args.epochs), "epochs_of_the_schedule": args.epochs,
        "seeds": {"training": args.seed, "pictures": dataset.SEEDS},
    }
    write(model, facts, test, tagged, args.out)


def write(model, facts, test, tagged, out):
    """The model, its sidecar, its card, and the recorded logits."""
    model = model.to(memory_format=torch.contiguous_format).eval()
    models, fixtures = out / "samples" / "models", out / "test" / "fixtures"
    for folder in (models, fixtures):
        folder.mkdir(parents=True, exist_ok=True)
    export(model, models / "scenes-vit.onnx")
    (models / "scenes-vit.whylight.json").write_text(json.dumps(SIDECAR, indent=2) + "\n")
    record(model, fixtures / "scenes-vit.json")
    card = {
        "name": "scenes-vit",
        "what": "a small vision transformer over drawn scenes, trained by samples/make/train_vit.py with scenes.onnx as its teacher",
        "classes": LABELS,
        **facts,
        "tokens": {"grid": [model.embeddings.grid] * 2, "class_token": 1},
        "layers": len(model.encoder),
        "heads": model.encoder[0].attention.heads,
        "parameters": sum(p.numel() for p in model.parameters()),
        "versions": {"torch": torch.__version__, "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "numpy": np.__version__, "pillow": PIL.__version__},
        **measure(model, test, tagged),
    }
    (models / "scenes-vit.card.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
