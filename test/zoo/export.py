"""Exports the zoo to ONNX with both of PyTorch's exporters, and records what PyTorch computes.

    python3 -m venv venv && venv/bin/pip install torch torchvision timm transformers onnx onnxscript onnxruntime safetensors numpy
    venv/bin/python test/zoo/export.py [--out FOLDER] [--force | --again] [NAME ...]

Per architecture a folder with torchscript.onnx, dynamo.onnx (and its external data), record.safetensors and record.json.
The logits and the gradient of the largest logit are PyTorch's in float64; `floor` is how far PyTorch's own float32 is from them (with oneDNN and without).
A ReLU whose input is within rounding of 0 makes a float32 gradient a matter of luck, so of some images the one is taken whose float64 gradient
moves least when every weight is moved in its sixth digit.
A text model's gradient is that of the word embedding's output, the tensor that record.json names per file.
"""
import argparse
import contextlib
import copy
import json
import os
import shutil
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy
import torch

# torchvision's wheel is built for CUDA; beside a CPU torch the operators that its import mentions are missing.
library = torch.library.Library("torchvision", "FRAGMENT")
for missing in ("nms", "qnms"):
    try:
        library.define(f"{missing}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass  # A torchvision that fits has its own.

import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

from architectures import ARCHITECTURES, LARGE  # noqa: E402

TIME_LIMIT = 200
# What transformers calls the table of word embeddings, by the end of its name.
WORD_EMBEDDINGS = ("word_embeddings", "tok_embeddings", "wte", "embed_tokens", "embed_in", "token_embedding")
SCRIPT_OPSETS = (17, 13, 16, 14, 18, 15)


class Logits(torch.nn.Module):
    """The model as people export it: tensors in, one tensor out."""

    def __init__(self, model, kind):
        super().__init__()
        self.model, self.kind = model, kind

    def forward(self, *inputs):
        result = self.model(inputs[0]) if self.kind == "image" else self.model(input_ids=inputs[0], attention_mask=inputs[1])
        return result if torch.is_tensor(result) else result[0]


def enliven(model, example):
    """Weights as after training: nothing all zero, no layer scale near zero, batch statistics that fit the activations."""
    generator = torch.Generator().manual_seed(1)

    def rand(like, low, high):
        return torch.rand(like.shape, generator=generator) * (high - low) + low

    with torch.no_grad():
        for parameter in model.parameters():
            value = parameter.flatten()[0].item()
            if parameter.numel() > 1 and bool((parameter != value).any()):
                continue
            if value == 0:
                parameter.copy_(rand(parameter, -0.1, 0.1))
            elif abs(value) < 0.1:
                parameter.copy_(rand(parameter, 0.3, 0.8))
            else:
                parameter.copy_(parameter * rand(parameter, 0.8, 1.2))
        norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and module.track_running_stats]
        if norms:
            for norm in norms:
                norm.train()
                norm.momentum = None
            for seed in range(2):
                images = torch.randn((4, *example[0].shape[1:]), generator=torch.Generator().manual_seed(seed))
                model(images)
            for norm in norms:
                norm.eval()
                norm.momentum = 0.1
                norm.running_mean.add_(norm.running_var.sqrt() * rand(norm.running_mean, -0.1, 0.1))
                norm.running_var.mul_(rand(norm.running_var, 0.8, 1.2)).add_(1e-3)


def example_of(entry, seed=0):
    generator = torch.Generator().manual_seed(7 + seed)
    if entry["kind"] == "image":
        return (torch.randn(1, 3, entry["size"], entry["size"], generator=generator),)
    tokens = entry["tokens"]
    ids = torch.randint(5, 190, (1, tokens), generator=generator)
    mask = torch.ones(1, tokens, dtype=torch.long)
    return ids, mask


@contextlib.contextmanager
def plain_batch_norm():
    """PyTorch 2.13's CPU gradient of batch_norm is wrong where the cotangent is not contiguous, as central differences show: so the formula itself is differentiated."""
    original = torch.nn.functional.batch_norm

    def formula(x, mean, variance, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
        if training:
            return original(x, mean, variance, weight, bias, training, momentum, eps)
        column = (1, -1) + (1,) * (x.dim() - 2)
        scale = (1 if weight is None else weight) / torch.sqrt(variance + eps)
        return (x - mean.view(column)) * scale.view(column) + (0 if bias is None else bias.view(column))

    torch.nn.functional.batch_norm = formula
    try:
        yield
    finally:
        torch.nn.functional.batch_norm = original


def differentiate(wrapped, example, kind, target):
    """Logits, gradient of one logit, and the value it is taken at."""
    kept, hooks = {}, []
    if kind == "image":
        at = example[0].clone().requires_grad_()
        inputs = (at,)
    else:
        def keep(_, __, output):
            kept["at"] = output.requires_grad_() if not output.requires_grad else output
            kept["at"].retain_grad()
        hooks = [module.register_forward_hook(keep) for name, module in wrapped.named_modules() if name.endswith(WORD_EMBEDDINGS)]
        inputs = example
    with plain_batch_norm():
        logits = wrapped(*inputs)
    for hook in hooks:
        hook.remove()
    if kind == "text":
        at = kept["at"]
    index = int(logits.argmax()) if target is None else target
    (gradient,) = torch.autograd.grad(logits.flatten()[index], at)
    return logits.detach(), gradient.detach(), at.detach(), index


def slope_error(wrapped, example, kind, index, gradient):
    """How far the gradient of an image model is from the central difference along itself, relative to it; one that is right gives 0 but at kinks."""
    if kind != "image":
        return 0.0
    # A small step stays clear of kinks, a large one of rounding where the gradient is tiny.
    errors = []
    with torch.no_grad():
        for size in (1e-7, 1e-5, 1e-3):
            step = gradient / gradient.abs().max() * size
            rise = (wrapped(example[0] + step).flatten()[index] - wrapped(example[0] - step).flatten()[index]) / 2
            errors.append(abs(float(rise / (gradient * step).sum()) - 1))
    return min(errors)


def relative(actual, expected):
    largest = float(numpy.abs(expected).max())
    return float(numpy.abs(actual - expected).max()) / largest if largest > 0 else float(numpy.abs(actual).max())


def widened(example):
    return tuple(tensor.double() if tensor.is_floating_point() else tensor for tensor in example)


def steadiest_example(wrapped, entry, tries=25, draws=4, enough=2e-5):
    """The image whose gradient depends least on rounding, judged in float64 by PyTorch alone."""
    if entry["kind"] == "text":
        return example_of(entry)
    exact = copy.deepcopy(wrapped).double()
    generator = torch.Generator().manual_seed(3)
    moved = [copy.deepcopy(exact) for _ in range(draws)]
    with torch.no_grad():
        for parameter in (parameter for model in moved for parameter in model.parameters()):
            parameter.mul_(1 + 1e-6 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    best = (float("inf"), None)
    for seed in range(tries):
        example = example_of(entry, seed)
        _, expected, _, index = differentiate(exact, widened(example), "image", None)
        change = 0.0
        for model in moved:
            _, actual, _, _ = differentiate(model, widened(example), "image", index)
            change = max(change, relative(actual.numpy(), expected.numpy()))
            if change >= best[0]:
                break
        best = min(best, (change, example), key=lambda pair: pair[0])
        if change < enough:
            break
    print(f"  image {seed + 1}: moved weights move its gradient by {best[0]:.1e}", flush=True)
    return best[1]


def alarm(*_):
    raise TimeoutError(f"it took longer than {TIME_LIMIT} s")


def export(wrapped, example, entry, exporter, opset, path):
    """Tries symbolic batch (and sequence) dimensions first, as people want them; returns what worked."""
    names = ["pixel_values"] if entry["kind"] == "image" else ["input_ids", "attention_mask"]
    axes = {0: "batch"} if entry["kind"] == "image" else {0: "batch", 1: "sequence"}
    failure = None
    # Some operators came to the older exporter with a later opset.
    for opset, dynamic in [(opset, True), *([(18, True)] if exporter == "torchscript" and opset != 18 else []), (18, False)]:
        options = {"input_names": names, "output_names": ["logits"]}
        if exporter == "torchscript":
            options |= {"dynamo": False, "opset_version": opset, **({"dynamic_axes": {name: axes for name in names} | {"logits": {0: "batch"}}} if dynamic else {})}
        else:
            symbols = {axis: torch.export.Dim.DYNAMIC for axis in axes}
            options |= {"dynamo": True, **({"dynamic_shapes": (tuple(symbols for _ in names),)} if dynamic else {})}
        # A batch of 1 would be taken for a constant by torch.export.
        traced = tuple(torch.cat([tensor, tensor]) for tensor in example) if dynamic and exporter == "dynamo" else example
        signal.signal(signal.SIGALRM, alarm)
        signal.alarm(TIME_LIMIT)
        try:
            torch.onnx.export(wrapped, traced, str(path), **options)
            signal.alarm(0)
            # A file that cannot run the very input is no export.
            session(path).run(None, feeds(path, example))
            return {"dynamic": dynamic}
        except Exception as error:
            failure = first_line(error)
        finally:
            signal.alarm(0)
    return {"error": failure}


def first_line(error):
    """What went wrong, of exporters that write pages: the innermost cause's first line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def feeds(path, example):
    names = [value.name for value in onnx.load(str(path), load_external_data=False).graph.input]
    return {name: tensor.numpy() for name, tensor in zip(names, example)}


def tensor_equal_to(path, example, value):
    """The first value of the file that holds these numbers: the word embedding's output."""
    model = onnx.load(str(path), load_external_data=False)
    candidates = [name for node in model.graph.node for name in node.output if name and node.op_type in ("Gather", "Cast", "Mul", "Identity", "Add")]
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in candidates if name not in known)
    probe = path.with_name("probe.onnx")
    onnx.save(model, str(probe))
    try:
        runner = session(probe)
        names = [output.name for output in runner.get_outputs()]
        results = dict(zip(names, runner.run(None, feeds(path, example))))
    finally:
        probe.unlink()
    for name in candidates:
        found = results.get(name)
        if found is not None and found.shape == value.shape and numpy.allclose(found, value, rtol=1e-6, atol=1e-7):
            return name
    return None


def export_both(wrapped, example, entry, folder, opset):
    files = []
    logits, _, at, _ = differentiate(wrapped, example, entry["kind"], None)
    for exporter in ("torchscript", "dynamo"):
        path = folder / f"{exporter}.onnx"
        start = time.time()
        result = export(wrapped, example, entry, exporter, opset, path)
        file = {"exporter": exporter, "file": path.name, **result, "seconds": round(time.time() - start, 1)}
        if "error" not in result:
            stored = onnx.load(str(path), load_external_data=False)
            file |= {"opset": next(entry.version for entry in stored.opset_import if entry.domain in ("", "ai.onnx")), "nodes": len(stored.graph.node), "functions": len(stored.functions)}
            file["fileError"] = relative(session(path).run(None, feeds(path, example))[0], logits.numpy())
            if entry["kind"] == "text":
                file["embedding"] = tensor_equal_to(path, example, at.numpy())
        files.append(file)
        print(f"  {exporter}: {json.dumps(file)}", flush=True)
    return files


def record(name, entry, folder, opset, files):
    """Builds the model and records what PyTorch computes; exports it unless `files` tells of an earlier export."""
    torch.manual_seed(0)
    model = entry["build"]().eval()
    wrapped = Logits(model, entry["kind"]).eval()
    enliven(model, example_of(entry))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    example = steadiest_example(wrapped, entry)
    files = files or export_both(wrapped, example, entry, folder, opset)
    logits32, gradient32, _, index = differentiate(wrapped, example, entry["kind"], None)
    with torch.backends.mkldnn.flags(enabled=False):
        plain_logits, plain_gradient, _, _ = differentiate(wrapped, example, entry["kind"], index)
    logits64, gradient64, _, _ = differentiate(wrapped.double(), widened(example), entry["kind"], index)
    floor = {
        "logits": max(relative(found.numpy(), logits64.numpy()) for found in (logits32, plain_logits)),
        "gradient": max(relative(found.numpy(), gradient64.numpy()) for found in (gradient32, plain_gradient)),
    }
    slope = slope_error(wrapped, widened(example), entry["kind"], index, gradient64)
    print(f"  floor: {json.dumps(floor)}, slope off by {slope:.1e}", flush=True)
    if slope > 1e-3:
        raise ArithmeticError(f"PyTorch's gradient is not the slope of its logits: off by {slope:.1e}")
    tensors = {f"input/{input_name}": tensor.numpy() for input_name, tensor in zip(["pixel_values"] if entry["kind"] == "image" else ["input_ids", "attention_mask"], example)}
    save_file({**tensors, "logits": logits64.numpy(), "gradient": gradient64.numpy()}, str(folder / "record.safetensors"))
    facts = {"name": name, "kind": entry["kind"], "target": index, "floor": floor, "largestLogit": float(logits64.abs().max()), "largestGradient": float(gradient64.abs().max()),
             "parameters": sum(parameter.numel() for parameter in model.parameters()), "torch": torch.__version__, "files": files}
    (folder / "record.json").write_text(json.dumps(facts, indent=1) + "\n")


def main():
    cache = os.environ.get("WHYLIGHT_CACHE") or str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whylight")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(Path(cache) / "zoo"))
    parser.add_argument("--force", action="store_true", help="export again what is there")
    parser.add_argument("--again", action="store_true", help="record PyTorch's results again, and keep the files that are there")
    parser.add_argument("--large", action="store_true", help="export only the models of the memory check, into FOLDER/large")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    unknown = set(arguments.names) - set(ARCHITECTURES)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}")
    if arguments.large:
        folder = Path(arguments.out) / "large"
        folder.mkdir(parents=True, exist_ok=True)
        for name, (build, size) in LARGE.items():
            print(name, flush=True)
            torch.onnx.export(build().eval(), (torch.randn(1, 3, size, size),), str(folder / f"{name}.onnx"), input_names=["pixel_values"], output_names=["logits"], dynamo=False, opset_version=17)
        return
    failed = []
    for position, (name, entry) in enumerate(ARCHITECTURES.items()):
        folder = Path(arguments.out) / name
        known = folder / "record.json"
        if (arguments.names and name not in arguments.names) or (known.exists() and not arguments.force and not arguments.again):
            continue
        print(name, flush=True)
        files = json.loads(known.read_text())["files"] if known.exists() and arguments.again else []
        if not files:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        try:
            record(name, entry, folder, SCRIPT_OPSETS[position % len(SCRIPT_OPSETS)], files)
        except Exception as error:
            failed.append(name)
            print(f"  {name}: {type(error).__name__}: {error}", flush=True)
    if failed:
        sys.exit(f"not recorded: {', '.join(failed)}")


if __name__ == "__main__":
    main()
