"""The small ResNet, its Grad-CAM, and how it is turned into ONNX."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from dataset import MEAN, SIZE, STD


class BasicBlock(nn.Module):
    """The plain residual block, with its parts named as is usual, so that the graph looks familiar."""

    def __init__(self, inside, out, stride=1):
        super().__init__()
        # A halving convolution is 4 wide, not 3: each of its cells then sits in the middle of the pixels it stands for,
        # as bilinear upsampling takes for granted. With 3, three halvings shift a heatmap by half a cell.
        self.conv1 = nn.Conv2d(inside, out, 3 if stride == 1 else 4, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or inside != out:
            self.downsample = nn.Sequential(nn.Conv2d(inside, out, stride, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        same = x if self.downsample is None else self.downsample(x)
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + same)


class SmallResNet(nn.Module):
    """ResNet of basic blocks; total stride 8, so a 128 px input leaves a 16 x 16 map to look at."""

    def __init__(self, classes, widths=(16, 48, 96), blocks=(1, 1, 2)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 4, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.layer1 = self._layer(widths[0], widths[0], blocks[0], 1)
        self.layer2 = self._layer(widths[0], widths[1], blocks[1], 2)
        self.layer3 = self._layer(widths[1], widths[2], blocks[2], 2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[2], classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    @staticmethod
    def _layer(inside, out, count, stride):
        return nn.Sequential(BasicBlock(inside, out, stride), *[BasicBlock(out, out) for _ in range(count - 1)])

    def features(self, x):
        """The last activation that still has a place for every value."""
        x = self.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x)))

    def head(self, activation):
        return self.fc(self.avgpool(activation).flatten(1))

    def forward(self, x):
        return self.head(self.features(x))


def to_input(images):
    """Bytes (N, SIZE, SIZE, 3) to the model's floats."""
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


def predict(model, images, batch=200):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(to_input(images[i:i + batch])) for i in range(0, len(images), batch)])


def grad_cam(model, images, targets=None):
    """Heatmaps (N, SIZE, SIZE) in 0..1 for the given targets, or for whatever the model answers."""
    model.eval()
    activation = model.features(to_input(images)).detach().requires_grad_(True)
    logits = model.head(activation)
    chosen = logits.argmax(1) if targets is None else torch.as_tensor(targets)
    gradient, = torch.autograd.grad(logits.gather(1, chosen[:, None]).sum(), activation)
    return heat_of(activation, gradient), logits.detach()


def heat_of(activation, gradient):
    """Grad-CAM of (N, C, h, w): heatmaps (N, SIZE, SIZE) in 0..1."""
    heat = F.relu((gradient.mean((2, 3), keepdim=True) * activation).sum(1, keepdim=True)).detach()
    low, high = heat.amin((2, 3), keepdim=True), heat.amax((2, 3), keepdim=True)
    heat = (heat - low) / (high - low).clamp_min(1e-12)
    return F.interpolate(heat, size=(SIZE, SIZE), mode="bilinear", align_corners=False)[:, 0].numpy()


def localisation(model, images, masks, targets=None, heatmaps=grad_cam):
    """How well the heatmaps point at the masks: hits of the hottest pixel, and mass in the mask against its area."""
    heat, _ = heatmaps(model, images, targets)
    flat, inside = heat.reshape(len(heat), -1), masks.reshape(len(masks), -1)
    hits = inside[np.arange(len(flat)), flat.argmax(1)]
    mass = (flat * inside).sum(1) / np.maximum(flat.sum(1), 1e-12)
    area = inside.mean(1)
    return {
        "images": len(heat),
        "pointing_accuracy": round(float(hits.mean()), 4),
        "mean_mass_over_area": round(float((mass / area).mean()), 3),
        "mean_mass_over_mean_area": round(float(mass.mean() / area.mean()), 3),
        "mean_mass_share": round(float(mass.mean()), 4),
        "mean_area_share": round(float(area.mean()), 4),
    }


def random_model(classes, images, seed):
    """The control: the same net, never trained; its running statistics are those of real pictures, so signals neither die nor blow up."""
    torch.manual_seed(seed)
    model = SmallResNet(classes)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = None  # a plain average over what it is shown
    model.train()
    with torch.no_grad():
        for i in range(0, len(images), 100):
            model(to_input(images[i:i + 100]))
    return model.eval()


def export(model, path):
    """Writes ONNX; the exporter folds each BatchNorm into the convolution before it."""
    torch.onnx.export(
        model.eval(), (torch.zeros(1, 3, SIZE, SIZE),), str(path), dynamo=False, opset_version=17, do_constant_folding=True,
        input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )
