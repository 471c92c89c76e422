"""Draws the reviews, learns the vocabulary, trains the sentiment classifier, measures it on reviews kept out of training, and writes everything."""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import onnx
import tokenizers
import torch
import transformers
from torch.nn import functional as F
from transformers import DistilBertConfig, DistilBertForSequenceClassification

import corpus
import dataset
from vocabulary import LONGEST, learn_vocabulary

ROOT = Path(__file__).resolve().parents[3]
LABELS = ["NEGATIVE", "POSITIVE"]
NOISE = 0.06  # of the tokens are hidden while training, and in some texts all of them
RECORDED = 6  # texts whose logits are recorded


def new_model(vocabulary):
    return DistilBertForSequenceClassification(DistilBertConfig(
        vocab_size=vocabulary, max_position_embeddings=LONGEST, n_layers=4, n_heads=4, dim=96, hidden_dim=256, dropout=0.03, attention_dropout=0.0, seq_classif_dropout=0.03,
        initializer_range=0.05, id2label=dict(enumerate(LABELS)), label2id={name: i for i, name in enumerate(LABELS)}, attn_implementation="eager",
    ))


def padded(rows, pad):
    width = max(len(row) for row in rows)
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    return ids, torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])


def hide(ids, mask, targets, tokenizer, generator):
    """Some tokens become [MASK] or [UNK]; a few texts become nothing but [MASK] or [PAD], for which the right answer is neither. Explanations start from such texts."""
    inner = mask.bool() & (ids != tokenizer.cls_token_id) & (ids != tokenizer.sep_token_id)
    chance = torch.rand(ids.shape, generator=generator)
    noisy = torch.rand(len(ids), 1, generator=generator) < 0.3
    ids = torch.where(inner & noisy & (chance < NOISE), tokenizer.mask_token_id, ids)
    ids = torch.where(inner & noisy & (chance > 1 - NOISE / 2), tokenizer.unk_token_id, ids)
    empty = torch.rand(len(ids), generator=generator) < 0.02
    blank = torch.where(torch.rand(len(ids), 1, generator=generator) < 0.5, tokenizer.mask_token_id, tokenizer.pad_token_id)
    return torch.where(inner & empty[:, None], blank, ids), torch.where(empty, 0.5, targets)


def meant(spans, offsets):
    """Per token: 1 or 0 where a word of opinion is, whatever it is said with, and -1 elsewhere."""
    out = [-1] * len(offsets)
    for a, b, opinion in spans:
        if opinion is not None:
            for i, (start, end) in enumerate(offsets):
                if start < b and end > a:
                    out[i] = opinion
    return out


def hints(hidden, head, pick, aims, targets):
    """
    The loss of telling, from the third layer's tokens, what each word of opinion means where it stands (after any negation), and whether it is what counts.
    Without these hints the model takes far longer to find out what "not" does. The head is thrown away after training.
    """
    aims = torch.tensor([row + [-1] * (hidden.shape[1] - len(row)) for row in (aims[i] for i in pick)])
    chosen = aims >= 0
    counts = (aims == targets[:, None]).long()
    out = head(hidden[chosen])
    return F.cross_entropy(out[:, :2], aims[chosen]) + F.cross_entropy(out[:, 2:], counts[chosen])


def learn(model, tokenizer, texts, targets, spans, epochs, seed, tokens=1600, peak=1e-3):
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    encoded = tokenizer(texts, truncation=True, max_length=LONGEST, return_offsets_mapping=True)
    rows, aims = encoded["input_ids"], [meant(*pair) for pair in zip(spans, encoded["offset_mapping"])]
    head = torch.nn.Linear(model.config.dim, 4)
    lengths = [len(row) for row in rows]
    targets = torch.tensor(targets)
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=peak, weight_decay=0.01)
    plans = [dataset.batches(lengths, tokens, rng) for _ in range(epochs)]
    steps, step = sum(len(plan) for plan in plans), 0
    for epoch, plan in enumerate(plans):
        start, losses, right = time.time(), [], []
        model.train()
        for pick in plan:
            ids, mask = padded([rows[i] for i in pick], tokenizer.pad_token_id)
            known = targets[torch.from_numpy(pick)]
            ids, aim = hide(ids, mask, known, tokenizer, generator)
            out = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
            logits = out.logits
            wanted = torch.stack([1 - aim, aim], 1) * 0.98 + 0.01
            loss = F.cross_entropy(logits, wanted) + 0.3 * hints(out.hidden_states[3], head, pick, aims, known)
            for group in optimizer.param_groups:
                group["lr"] = peak * min(1, step / (0.06 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            losses.append(loss.item())
            sure = aim != 0.5
            right.append((logits.argmax(1)[sure] == aim[sure].long()).float().mean().item() if sure.any() else np.nan)
            if step % 200 == 0:
                print(f"step {step}/{steps}: loss {np.mean(losses[-200:]):.3f}, right {np.nanmean(right[-200:]):.4f}, {time.time() - start:.0f} s", flush=True)
        yield epoch


@torch.no_grad()
def predict(model, tokenizer, texts, batch=32):
    model.eval()
    out = []
    for i in range(0, len(texts), batch):
        ids, mask = padded(tokenizer(texts[i:i + batch], truncation=True, max_length=LONGEST)["input_ids"], tokenizer.pad_token_id)
        out.append(model(input_ids=ids, attention_mask=mask).logits)
    return torch.cat(out)


def accuracy(model, tokenizer, rows):
    """Of all rows, and by phenomenon."""
    answer = predict(model, tokenizer, [row.text for row in rows]).argmax(1).tolist()
    right = lambda chosen: round(float(np.mean([a == row.label for a, row in zip(answer, rows) if chosen(row)])), 4)
    return {"accuracy": right(lambda _: True), **{kind: right(lambda row, kind=kind: row.phenomenon == kind) for kind in corpus.PHENOMENA}, "texts": len(rows)}


class Scores(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def export(model, path):
    """Writes ONNX; with eager attention the graph shows its softmax."""
    ids = torch.randint(5, 50, (2, 9))
    axes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        Scores(model.eval()).eval(), (ids, torch.ones_like(ids)), str(path), dynamo=False, opset_version=17, do_constant_folding=True,
        input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
    )


def write_fixture(model, tokenizer, rows, path):
    """Held-out texts for the tests, and the logits PyTorch gives a few of them."""
    logits = predict(model, tokenizer, [row.text for row in rows])
    short = [i for i, row in enumerate(rows)][:: len(rows) // RECORDED][:RECORDED]
    data = {
        "what": "reviews kept out of training, drawn by samples/make/text/train.py; keys are the words that carry the opinion or turn it round",
        "right": int(sum(int(a) == row.label for a, row in zip(logits.argmax(1), rows))),
        "sentences": [{"text": row.text, "label": LABELS[row.label], "phenomenon": row.phenomenon, "heldOut": row.held_out, "keys": list(row.keys)} for row in rows],
        "logits": [{"text": rows[i].text, "ids": tokenizer(rows[i].text)["input_ids"], "logits": [round(v, 6) for v in logits[i].tolist()]} for i in short],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reviews", type=int, default=70000)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--pieces", type=int, default=1800)
    options.add_argument("--seed", type=int, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--keep", type=Path, help="a folder for PyTorch's weights, which check_attribution.py reads")
    options.add_argument("--out", type=Path, default=ROOT, help="the folder under which samples/ and test/fixtures/ are written")
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    folder = args.out / "samples" / "models" / "sentiment"

    texts, targets, spans = dataset.training(args.reviews)
    tokenizer = learn_vocabulary(texts, args.pieces, folder)
    model = new_model(len(tokenizer))
    seen = set(texts)
    print(f"{len(texts)} texts, {len(seen)} different, {len(tokenizer)} pieces, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    tests = {held: dataset.heldout(held, 1500, seen) for held in ("combination", "template")}
    for _ in learn(model, tokenizer, texts, targets, spans, args.epochs, args.seed):
        print({held: accuracy(model, tokenizer, rows) for held, rows in tests.items()}, flush=True)

    export(model, folder / "model.onnx")
    model.config.save_pretrained(folder)
    half = {held: dataset.heldout(held, 102, seen, "fixture") for held in ("combination", "template")}
    write_fixture(model, tokenizer, half["combination"] + half["template"], args.out / "test" / "fixtures" / "heldout-text" / "sentences.json")
    card = {
        "name": "sentiment",
        "what": "a small DistilBERT over generated reviews with negation and contrast, trained by samples/make/text/train.py",
        "labels": LABELS,
        "training_texts": len(texts),
        "training_texts_without_an_opinion": targets.count(0.5),
        "epochs": args.epochs,
        "seeds": {"training": args.seed, "texts": dataset.SEEDS},
        "pieces": len(tokenizer),
        "layers": model.config.n_layers,
        "heads": model.config.n_heads,
        "parameters": sum(p.numel() for p in model.parameters()),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "onnx": onnx.__version__, "numpy": np.__version__},
        "heldout": {held: accuracy(model, tokenizer, rows) for held, rows in tests.items()},
        "heldout_both": accuracy(model, tokenizer, tests["combination"] + tests["template"]),
        "probability_of_positive_without_an_opinion": round(float(predict(model, tokenizer, [text for text, target in zip(texts[-300:], targets[-300:])]).softmax(1)[:, 1].mean()), 4),
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n")
    if args.keep:
        model.save_pretrained(args.keep)
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
