"""Writes a BERT-base classifier with random weights into a folder: bert-base.onnx, exported by PyTorch, and bert-base.pt, its state_dict."""
import inspect
import os
import sys
import warnings

import torch
from language import bert_base


def main():
    folder = sys.argv[1]
    torch.manual_seed(0)
    model = bert_base("eager")
    settle(model)
    torch.save(model.state_dict(), os.path.join(folder, "bert-base.pt"))
    warnings.filterwarnings("ignore")
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    ids = torch.randint(1000, 30000, (1, 16))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in names}
    torch.onnx.export(
        model, (ids, torch.ones_like(ids), torch.zeros_like(ids)), os.path.join(folder, "bert-base.onnx"), opset_version=17, input_names=names, output_names=["logits"],
        dynamic_axes={**axes, "logits": {0: "batch"}}, **older,
    )


def settle(model):
    """Biases away from zero, as trained ones are: with none, layer normalisation makes every scaled embedding the same, and a path from zero embeddings jumps at its start."""
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.02)


main()
