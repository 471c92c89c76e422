"""
A loop over a folder of pictures as people write it with PyTorch: ImageFolder, torchvision's transforms on Pillow, a DataLoader of two workers, the forward pass alone; asked as serve.py says.
Arguments: the folder, the sample model as ONNX, ResNet-50's state_dict, how many pictures ResNet-50 gets, the folder of samples/make. A case is "MODEL-BATCH-THREADS"; its result is the class of each picture.
"""
import sys

import torch
from serve import serve
from vision import load_torchvision

WORKERS = 2
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
BATCHES, THREADS = (8, 16, 32, 64), (1, 2)


def main():
    folder, sample, weights, few, make = sys.argv[1:6]
    torchvision = load_torchvision()
    sys.path.insert(0, make)
    models = {"scenes": (load_sample(sample), 128, 128, None), "resnet50": (load_resnet(torchvision, weights), 256, 224, int(few))}
    cases = {}
    for name, (model, short, side, count) in models.items():
        transforms = torchvision.transforms
        transform = transforms.Compose([transforms.Resize(short), transforms.CenterCrop(side), transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
        pictures = torchvision.datasets.ImageFolder(folder, transform)
        # In the order of their names, as ImageFolder has them; a few are spread over the classes.
        chosen = pictures if count is None else torch.utils.data.Subset(pictures, spread(pictures, count))
        for batch in BATCHES:
            for threads in THREADS:
                cases[f"{name}-{batch}-{threads}"] = lambda model=model, chosen=chosen, batch=batch, threads=threads: predict(model, chosen, batch, threads)
                # Enough to tell which batch and how many threads are best.
                part = torch.utils.data.Subset(chosen, range(min(len(chosen), 600 if name == "scenes" else 48)))
                cases[f"try-{name}-{batch}-{threads}"] = lambda model=model, part=part, batch=batch, threads=threads: predict(model, part, batch, threads)
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


def load_resnet(torchvision, weights):
    net = torchvision.models.resnet50(weights=None)
    net.load_state_dict(torch.load(weights, weights_only=True))
    return net.eval().requires_grad_(False)


if __name__ == "__main__":
    main()
