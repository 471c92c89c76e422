"""Reads the folders of models that bench/models writes, which both sides load."""
import json
import os
import struct

import numpy as np
import torch
from vision import load_torchvision

# Names of torchvision's builders by what the bench calls the models.
BUILDERS = {"resnet50": "resnet50", "vit-b-16": "vit_b_16"}


def read_weights(folder):
    """The state_dict in model.safetensors (a length, JSON, then raw float32), mapped from the file."""
    path = os.path.join(folder, "model.safetensors")
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    data = np.memmap(path, dtype=np.uint8, mode="c", offset=8 + length)
    return {name: torch.from_numpy(data[slice(*entry["data_offsets"])].view("<f4").reshape(entry["shape"])) for name, entry in header.items()}


def load_image_model(name, folder):
    model = getattr(load_torchvision().models, BUILDERS[name])(weights=None)
    model.load_state_dict(read_weights(folder))
    return model.eval()
