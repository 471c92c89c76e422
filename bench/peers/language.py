"""Loads transformers beside a CPU build of PyTorch too, and makes the text model that is measured."""
import importlib.util

from vision import load_torchvision


def bert_base(attention):
    """BERT-base with a classifier of two classes and random weights; `attention` is "eager" or "sdpa"."""
    if importlib.util.find_spec("torchvision"):
        load_torchvision()  # transformers imports it, and fails where its operators are not declared
    from transformers import BertConfig, BertForSequenceClassification

    return BertForSequenceClassification(BertConfig(num_labels=2, attn_implementation=attention)).eval()
