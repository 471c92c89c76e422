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
                part = torch.utils.data.Subset(chosen, range(min(len(chosen), 1500 if name == "scenes" else 60)))
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
    """The sample's net with the file's weights, whose batch normalisation is folded into the convolutions: the fastest form it has."""
    import onnx
    from model import SmallResNet
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    values = {item.name: torch.tensor(numpy_helper.to_array(item)) for item in graph.initializer}
    net = SmallResNet(values["fc.bias"].numel()).eval()
    convolutions = iter([node.input[1:3] for node in graph.node if node.op_type == "Conv"])
    for name, module in list(net.named_modules()):
        if isinstance(module, torch.nn.BatchNorm2d):
            replace(net, name, torch.nn.Identity())
    for block in order(net):
        weight, bias = (values[key] for key in next(convolutions))
        assert block.weight.shape == weight.shape
        block.weight, block.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
    net.fc.weight, net.fc.bias = torch.nn.Parameter(values["fc.weight"]), torch.nn.Parameter(values["fc.bias"])
    return net.requires_grad_(False)


def order(net):
    """The convolutions as the forward pass meets them: of a block, the shortcut's first."""
    yield net.conv1
    for layer in (net.layer1, net.layer2, net.layer3):
        for block in layer:
            if block.downsample is not None:
                yield block.downsample[0]
            yield block.conv1
            yield block.conv2


def replace(net, name, module):
    *path, last = name.split(".")
    for part in path:
        net = net[int(part)] if part.isdigit() else getattr(net, part)
    if last.isdigit():
        net[int(last)] = module
    else:
        setattr(net, last, module)


def load_resnet(torchvision, weights):
    net = torchvision.models.resnet50(weights=None)
    net.load_state_dict(torch.load(weights, weights_only=True))
    return net.eval().requires_grad_(False)


if __name__ == "__main__":
    main()
