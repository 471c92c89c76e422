"""
A loop over a folder of pictures as people write it with PyTorch: ImageFolder, torchvision's transforms on Pillow, a DataLoader of two workers, the forward pass alone; asked as serve.py says.
Arguments: "resnet50" or "scenes", the model (a folder; the sample's ONNX file), the pictures, how many of them are taken (0 for all), and for the sample the folder of samples/make.
A case is "BATCH-THREADS", or "try-BATCH-THREADS" for a part of the pictures; its result is the class of each picture.
"""
import sys

import torch
from serve import serve
from vision import load_torchvision
from weights import load_image_model

WORKERS = 2
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
BATCHES, THREADS = (8, 32), (1, 2)
# Short side, side of the crop, and how many pictures tell which batch and how many threads are best.
SHAPES = {"resnet50": (256, 224, 64), "scenes": (128, 128, 600)}


def main():
    name, path, folder, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    torchvision = load_torchvision()
    if name == "scenes":
        sys.path.insert(0, sys.argv[5])
    model = load_sample(path) if name == "scenes" else load_image_model(name, path).requires_grad_(False)
    short, side, few = SHAPES[name]
    transforms = torchvision.transforms
    transform = transforms.Compose([transforms.Resize(short), transforms.CenterCrop(side), transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    pictures = torchvision.datasets.ImageFolder(folder, transform)
    # In the order of their names, as ImageFolder has them; a few are spread over the classes.
    chosen = pictures if count == 0 else torch.utils.data.Subset(pictures, spread(pictures, count))
    part = torch.utils.data.Subset(chosen, range(min(len(chosen), few)))
    cases = {}
    for batch in BATCHES:
        for threads in THREADS:
            cases[f"{batch}-{threads}"] = lambda batch=batch, threads=threads: predict(model, chosen, batch, threads)
            cases[f"try-{batch}-{threads}"] = lambda batch=batch, threads=threads: predict(model, part, batch, threads)
    serve(cases)


def predict(model, pictures, batch, threads):
    torch.set_num_threads(threads)
    loader = torch.utils.data.DataLoader(pictures, batch_size=batch, num_workers=WORKERS)
    with torch.inference_mode():
        return torch.cat([model(images).softmax(1).max(1).indices for images, _ in loader]).float()


def spread(pictures, count):
    """The first of each class, then the second of each, in the order of their names."""
    rounds, seen = [], {}
    for index, (_, label) in enumerate(pictures.samples):
        rounds.append((seen.get(label, 0), label, index))
        seen[label] = seen.get(label, 0) + 1
    return sorted(index for _, _, index in sorted(rounds)[:count])


def load_sample(path):
    """The sample's net as its own script builds it, with the file's weights. The file has batch normalisation folded into the convolutions; here it takes what is added."""
    import onnx
    from model import SmallResNet
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    values = {item.name: torch.tensor(numpy_helper.to_array(item)) for item in graph.initializer}
    net = SmallResNet(values["fc.bias"].numel()).eval()
    folded = [[values[name] for name in node.input[1:3]] for node in graph.node if node.op_type == "Conv"]
    for (convolution, normalization), (weight, bias) in zip(in_order(net), folded, strict=True):
        convolution.weight.data.copy_(weight)
        normalization.bias.data.copy_(bias)
        normalization.running_var.fill_(1 - normalization.eps)
    net.fc.weight.data.copy_(values["fc.weight"])
    net.fc.bias.data.copy_(values["fc.bias"])
    return net.requires_grad_(False)


def in_order(net):
    """Convolutions with what normalises them, as the forward pass meets them: of a block, the shortcut's first."""
    yield net.conv1, net.bn1
    for layer in (net.layer1, net.layer2, net.layer3):
        for block in layer:
            if block.downsample is not None:
                yield tuple(block.downsample)
            yield block.conv1, block.bn1
            yield block.conv2, block.bn2


if __name__ == "__main__":
    main()
