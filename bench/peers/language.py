"""Loads transformers beside a CPU build of PyTorch too."""
import importlib.util

from vision import load_torchvision


def load_text_model(folder, attention):
    """The classifier in a folder; `attention` is "eager" or "sdpa"."""
    if importlib.util.find_spec("torchvision"):
        load_torchvision()  # transformers imports it, and fails where its operators are not declared
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    return AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation=attention).eval().requires_grad_(False)
