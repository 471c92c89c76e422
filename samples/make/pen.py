"""A small vector pen: shapes in unit coordinates, drawn several times too large and shrunk, so that edges are smooth."""
import colorsys
import math

import numpy as np
from PIL import Image, ImageDraw

CANVAS = 448  # the pen's own square picture, about four times an object's final size


def hsv(h, s, v):
    """A colour from hue (turns), saturation and value (0..1) as 0..255 RGB."""
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0), 1), min(max(v, 0), 1))
    return (int(r * 255), int(g * 255), int(b * 255))


def shade(colour, factor):
    """The same colour darker (factor < 1) or nearer to white (factor > 1)."""
    if factor <= 1:
        return tuple(int(c * factor) for c in colour)
    return tuple(int(255 - (255 - c) * (2 - min(factor, 2))) for c in colour)


def arc(cx, cy, rx, ry, start=0.0, stop=360.0, tilt=0.0, n=None):
    """Points along an ellipse; angles in degrees, clockwise from the right since y points down."""
    n = n or max(8, int(abs(stop - start) / 7))
    t = np.radians(np.linspace(start, stop, n))
    x, y = rx * np.cos(t), ry * np.sin(t)
    a = math.radians(tilt)
    return np.stack([cx + x * math.cos(a) - y * math.sin(a), cy + x * math.sin(a) + y * math.cos(a)], 1)


def smooth(points, closed=True, rounds=3):
    """Chaikin's corner cutting: turns a coarse outline into a soft one."""
    p = np.asarray(points, float)
    for _ in range(rounds):
        nxt = np.roll(p, -1, 0) if closed else p[1:]
        cur = p if closed else p[:-1]
        cut = np.empty((2 * len(cur), 2))
        cut[0::2] = 0.75 * cur + 0.25 * nxt
        cut[1::2] = 0.25 * cur + 0.75 * nxt
        p = cut if closed else np.concatenate([p[:1], cut, p[-1:]])
    return p


class Pen:
    """Draws polygons through one affine map, so turning, mirroring and shearing cost nothing and stay sharp."""

    def __init__(self, turn=0.0, mirror=False, stretch=1.0, shear=0.0):
        a = math.radians(turn)
        rotate = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
        self.matrix = rotate @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag([(-1 if mirror else 1) * stretch, 1 / stretch])
        self.image = Image.new("RGBA", (CANVAS, CANVAS), (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)

    def _map(self, points):
        p = np.asarray(points, float) @ self.matrix.T
        return [tuple(q) for q in p * (CANVAS * 0.31) + CANVAS / 2]

    def poly(self, points, colour):
        self.draw.polygon(self._map(points), fill=tuple(colour) + (255,))

    def clear(self, points):
        """Cuts a hole: the picture behind shows through and the mask has the hole too."""
        self.draw.polygon(self._map(points), fill=(0, 0, 0, 0))

    def oval(self, cx, cy, rx, ry, colour, start=0, stop=360, tilt=0):
        self.poly(arc(cx, cy, rx, ry, start, stop, tilt), colour)

    def box(self, x0, y0, x1, y1, colour):
        self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)

    def line(self, points, width, colour):
        """A stroke with round ends and joints."""
        p = np.asarray(points, float)
        for (x0, y0), (x1, y1) in zip(p[:-1], p[1:]):
            length = math.hypot(x1 - x0, y1 - y0) or 1e-6
            nx, ny = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
            self.poly([(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)], colour)
        for x, y in p:
            self.poly(arc(x, y, width / 2, width / 2, n=9), colour)
