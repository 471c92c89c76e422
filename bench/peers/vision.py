"""Loads torchvision beside a CPU build of PyTorch too: its CUDA wheel wants two operators declared before it is imported."""
import os


def load_torchvision():
    """Returns the torchvision module. WHYLIGHT_BENCH_DECLARE=1 says that the plain import was found to fail (see probe.py)."""
    if os.environ.get("WHYLIGHT_BENCH_DECLARE") == "1":
        declare_operators()
    import torchvision

    return torchvision


def declare_operators():
    import torch

    # The library must outlive this call, or its operators go with it.
    declare_operators.library = torch.library.Library("torchvision", "FRAGMENT")
    declare_operators.library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    declare_operators.library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
