"""The small vision transformer over the same scenes, and how it is turned into ONNX."""
import math

import numpy as np
import torch
from torch import nn

from dataset import SIZE
from model import heat_of, to_input


class Attention(nn.Module):
    """Self-attention written out, so that the exported graph shows its softmax; the parts bear the names Hugging Face gives them."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.query, self.key, self.value, self.output = (nn.Linear(dim, dim) for _ in range(4))

    def split(self, x):
        """(N, T, dim) to (N, heads, T, dim / heads)."""
        return x.view(x.shape[0], -1, self.heads, self.size).transpose(1, 2)

    def weights(self, x):
        """(N, heads, T, T): rows are queries."""
        query, key = self.split(self.query(x)), self.split(self.key(x))
        return (query @ key.transpose(-1, -2) / math.sqrt(self.size)).softmax(-1)

    def forward(self, x):
        return self.output((self.weights(x) @ self.split(self.value(x))).transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """One pre-norm encoder layer; whole samples skip a branch now and then while training (stochastic depth)."""

    def __init__(self, dim, heads, drop):
        super().__init__()
        self.drop = drop
        self.layernorm_before = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.layernorm_after = nn.LayerNorm(dim)
        self.intermediate = nn.Linear(dim, 4 * dim)
        self.gelu = nn.GELU()
        self.output = nn.Linear(4 * dim, dim)

    def sometimes(self, x):
        if not self.training or self.drop == 0:
            return x
        return x * (torch.rand(len(x), 1, 1) >= self.drop) / (1 - self.drop)

    def forward(self, x):
        x = x + self.sometimes(self.attention(self.layernorm_before(x)))
        return x + self.sometimes(self.output(self.gelu(self.intermediate(self.layernorm_after(x)))))


class Embeddings(nn.Module):
    """
    Patches as tokens. A few small convolutions stand in for the one large one: with so few pictures a transformer that must learn edges from
    16 x 16 pixel patches falls behind. Each halves the picture with a kernel of 4, so that a token sits in the middle of its pixels.
    """

    def __init__(self, dim, widths):
        super().__init__()
        steps, inside = [], 3
        for out in widths:
            steps += [nn.Conv2d(inside, out, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
            inside = out
        self.stem = nn.Sequential(*steps)
        stride = 2 ** len(widths)
        self.projection = nn.Conv2d(inside, dim, 2, stride=2)
        self.grid = SIZE // stride // 2
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.position_embeddings = nn.Parameter(torch.randn(1, 1 + self.grid**2, dim) * 0.02)

    def forward(self, x):
        patches = self.projection(self.stem(x)).flatten(2).transpose(1, 2)
        return torch.cat([self.cls_token.expand(x.shape[0], -1, -1), patches], 1) + self.position_embeddings


class SmallViT(nn.Module):
    """A class token, learned positions, pre-norm layers, a linear head on the class token."""

    def __init__(self, classes, dim=96, depth=6, heads=4, widths=(16, 32, 64), drop=0.1):
        super().__init__()
        self.embeddings = Embeddings(dim, widths)
        self.encoder = nn.Sequential(*[Layer(dim, heads, drop * k / max(1, depth - 1)) for k in range(depth)])
        self.layernorm = nn.LayerNorm(dim)
        self.classifier = nn.Linear(dim, classes)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.trunc_normal_(m.weight, std=0.02)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        return self.classifier(self.layernorm(self.encoder(self.embeddings(x)))[:, 0])


def grad_cam(model, images, targets=None, batch=100):
    """Heatmaps as model.grad_cam gives them, at what the last attention reads: tokens that leave it pass nothing to the class token."""
    kept, parts = [], []
    hook = model.encoder[-1].layernorm_before.register_forward_hook(lambda _, __, out: kept.append(out))
    for i in range(0, len(images), batch):
        logits = model(to_input(images[i:i + batch]))
        tokens = kept.pop()
        chosen = logits.argmax(1) if targets is None else torch.as_tensor(targets[i:i + batch])
        gradient, = torch.autograd.grad(logits.gather(1, chosen[:, None]).sum(), tokens)
        on_grid = lambda x: x[:, 1:].transpose(1, 2).unflatten(2, (model.embeddings.grid, -1))
        parts.append((heat_of(on_grid(tokens.detach()), on_grid(gradient)), logits.detach()))
    hook.remove()
    return np.concatenate([heat for heat, _ in parts]), torch.cat([logits for _, logits in parts])


@torch.no_grad()
def class_attention(model, images):
    """(layers, N, heads, grid, grid): how the class token shares its attention among the patches; each head's sum is 1."""
    x, rows = model.embeddings(to_input(images)), []
    for layer in model.encoder:
        row = layer.attention.weights(layer.layernorm_before(x))[:, :, 0, 1:]
        rows.append((row / row.sum(-1, keepdim=True)).unflatten(-1, (model.embeddings.grid, -1)))
        x = layer(x)
    return torch.stack(rows).numpy()


def export(model, path):
    """Writes ONNX; attention comes out as MatMul, Softmax, MatMul."""
    torch.onnx.export(
        model.eval(), (torch.zeros(1, 3, SIZE, SIZE),), str(path), dynamo=False, opset_version=17, do_constant_folding=True,
        input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )
