"""Tells, as one line of JSON, which PyTorch, torchvision and, where they are there, transformers and card for CUDA this Python has, and whether torchvision needs its operators declared."""
import importlib.metadata
import json
import os
import subprocess
import sys


def main():
    import torch

    try:
        from vision import load_torchvision

        torchvision = load_torchvision()
    except RuntimeError as error:
        if "torchvision::nms" not in str(error) or os.environ.get("WHYLIGHT_BENCH_DECLARE") == "1":
            raise
        # A half-done import cannot be repeated in the same process.
        sys.exit(subprocess.call([sys.executable, __file__], env={**os.environ, "WHYLIGHT_BENCH_DECLARE": "1"}))
    versions = {"python": sys.version.split()[0], "torch": torch.__version__, "torchvision": torchvision.__version__, **transformers(), **cuda()}
    print(json.dumps({**versions, "declare": os.environ.get("WHYLIGHT_BENCH_DECLARE", "0")}))


def cuda():
    import torch

    return {"cuda": torch.cuda.get_device_name(0)} if torch.cuda.is_available() else {}


def transformers():
    try:
        return {"transformers": importlib.metadata.version("transformers")}
    except importlib.metadata.PackageNotFoundError:
        return {}


main()
