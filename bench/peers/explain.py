"""What `explain` does, as a script with PyTorch would: load weights, read a photo, Grad-CAM by hooks and loss.backward(), write the overlay as PNG."""
import sys

import numpy as np
import torch
from gradCam import cam_by_backward
from PIL import Image
from vision import load_torchvision
from weights import load_image_model

torchvision = load_torchvision()

# Viridis at nine places; matplotlib would cost the script another import.
STOPS = np.array([[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]], dtype=np.float32)


def main():
    folder, photo, output = sys.argv[1:4]
    model = load_image_model("resnet50", folder)
    image = Image.open(photo).convert("RGB")
    steps = torchvision.transforms
    prepare = steps.Compose([steps.Resize(256), steps.CenterCrop(224), steps.ToTensor(), steps.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    x = prepare(image).unsqueeze(0)
    cam, target = cam_by_backward(model, x)
    write_overlay(image, cam.unsqueeze(1), output)
    print(int(target))


def write_overlay(image, cam, output):
    """The map lies over the crop that the model saw, as tall and wide as the shorter side of the photo allows."""
    width, height = image.size
    side = round(min(width, height) * 224 / 256)
    heat = torch.nn.functional.interpolate(cam.relu(), (side, side), mode="bilinear", align_corners=False)[0, 0]
    heat = (heat - heat.min()) / (heat.max() - heat.min() + 1e-12)
    places = np.linspace(0, 1, len(STOPS))
    colours = np.stack([np.interp(heat.numpy(), places, STOPS[:, channel]) for channel in range(3)], axis=-1)
    left, top = (width - side) // 2, (height - side) // 2
    pixels = np.asarray(image, dtype=np.float32).copy()
    pixels[top : top + side, left : left + side] = 0.5 * pixels[top : top + side, left : left + side] + 0.5 * colours
    Image.fromarray(pixels.round().astype(np.uint8)).save(output)


main()
