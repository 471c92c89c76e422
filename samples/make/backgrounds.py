"""Photo-like backgrounds and muted clutter, drawn without knowing which object will stand on them."""
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pen import arc, hsv, shade, smooth


def grow(grid, width, height):
    """A small random grid blown up smoothly."""
    return np.asarray(Image.fromarray(grid.astype(np.float32)).resize((width, height), Image.BICUBIC))


def fractal(rng, width, height, first=3, octaves=5, stretch=1.0, decay=0.55):
    """Sum of ever finer noise in about -1..1; stretch > 1 draws it out sideways."""
    total, gain, norm = np.zeros((height, width), np.float32), 1.0, 0.0
    for k in range(octaves):
        n = first * 2**k
        total += gain * grow(rng.uniform(-1, 1, (n + 1, max(2, int(n * width / height / stretch) + 1))), width, height)
        norm += gain
        gain *= decay
    return total / norm * 1.8


def mix(a, b, t):
    """Colour a to colour b by a map of t (0..1)."""
    t = np.clip(t, 0, 1)[..., None]
    return np.asarray(a, np.float32) * (1 - t) + np.asarray(b, np.float32) * t


def ramp(width, height):
    return np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)


def sky(rng, w, h):
    hue = rng.choice([0.57, 0.59, 0.06, 0.9, 0.63])
    top, low = hsv(hue, rng.uniform(0.3, 0.7), rng.uniform(0.5, 0.9)), hsv(hue + rng.uniform(-0.05, 0.05), rng.uniform(0.05, 0.35), rng.uniform(0.8, 1))
    base = mix(top, low, ramp(w, h) ** rng.uniform(0.7, 1.5))
    cloud = np.clip((fractal(rng, w, h, 3, 6, 2.0) - rng.uniform(-0.1, 0.4)) * 1.8, 0, 1)[..., None]
    return base * (1 - cloud) + np.array([248, 246, 244]) * cloud * (0.88 + 0.12 * (1 - cloud))


def grass(rng, w, h):
    hue, value = rng.uniform(0.2, 0.33), rng.uniform(0.4, 0.7)
    base = mix(hsv(hue, 0.6, value * 0.6), hsv(hue - 0.03, 0.55, value), fractal(rng, w, h, 4, 5) * 0.5 + 0.5)
    image = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for y in np.sort(rng.uniform(0, h + 14, 650)):  # far blades first, so near ones cover them
        x, tall = rng.uniform(0, w), rng.uniform(6, 20)
        tone = hsv(hue + rng.uniform(-0.04, 0.03), rng.uniform(0.45, 0.75), value * rng.uniform(0.6, 1.35))
        lean = rng.uniform(-5, 5)
        draw.line([(x, y), (x + lean * 0.4, y - tall * 0.6), (x + lean, y - tall)], fill=tone, width=int(rng.integers(1, 3)))
    return np.asarray(image, np.float32)


def water(rng, w, h):
    hue = rng.uniform(0.47, 0.62)
    waves = fractal(rng, w, h, 8, 5, rng.uniform(3.5, 7), 0.75)
    base = mix(hsv(hue, 0.75, rng.uniform(0.3, 0.5)), hsv(hue - 0.03, 0.4, rng.uniform(0.7, 0.95)), waves * 0.45 + 0.3 + 0.4 * (1 - ramp(w, h)))
    glint = np.clip((waves - 0.75) * 3, 0, 1)[..., None]
    return base * (1 - glint) + 245 * glint


def bricks(rng, w, h):
    hue, sat, value = rng.choice([0.02, 0.05, 0.08, 0.6]), rng.uniform(0.1, 0.6), rng.uniform(0.45, 0.8)
    image = Image.new("RGB", (w, h), hsv(0.09, 0.1, rng.uniform(0.5, 0.85)))
    draw = ImageDraw.Draw(image)
    tall = int(rng.integers(12, 26))
    long = int(tall * rng.uniform(1.8, 2.8))
    for row, y in enumerate(range(-tall, h, tall)):
        for x in range(-long - (row % 2) * long // 2, w, long):
            draw.rectangle([x, y, x + long - 3, y + tall - 3], fill=hsv(hue + rng.uniform(-0.015, 0.015), sat * rng.uniform(0.8, 1.2), value * rng.uniform(0.78, 1.12)))
    return np.asarray(image, np.float32) * (1 + 0.16 * fractal(rng, w, h, 12, 4, 1.0, 0.8))[..., None]


def bokeh(rng, w, h):
    hue = rng.random()
    base = mix(hsv(hue, 0.5, rng.uniform(0.1, 0.4)), hsv(hue + 0.1, 0.4, rng.uniform(0.3, 0.6)), fractal(rng, w, h, 2, 3) * 0.5 + 0.5)
    image = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(8, 22))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(5, 26)
        veil = Image.new("L", (w, h), 0)
        ImageDraw.Draw(veil).ellipse([x - r, y - r, x + r, y + r], fill=int(rng.uniform(50, 150)))
        image.paste(hsv(hue + rng.uniform(-0.15, 0.25), rng.uniform(0.2, 0.6), 1.0), (0, 0), veil.filter(ImageFilter.BoxBlur(1.5)))
    return np.asarray(image, np.float32)


def planks(rng, w, h):
    hue, value = rng.uniform(0.05, 0.11), rng.uniform(0.45, 0.85)
    across = int(rng.integers(28, 60))
    tone = np.repeat(rng.uniform(0.82, 1.12, h // across + 2), across)[:h, None]
    grain = fractal(rng, w, h, 14, 4, 14, 0.8)
    base = mix(hsv(hue, 0.6, value * 0.65), hsv(hue + 0.01, 0.45, value), grain * 0.4 + 0.6) * tone[..., None]
    base[::across] *= 0.45
    base[1::across] *= 0.75
    return np.rot90(base[:, :, :]).copy() if rng.random() < 0.4 and w == h else base


def hills(rng, w, h):
    image = Image.fromarray(sky(rng, w, h).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    hue, start = rng.choice([0.3, 0.25, 0.6, 0.08]), rng.uniform(0.35, 0.6)
    for k in range(int(rng.integers(2, 5))):
        line = grow(rng.uniform(-1, 1, (2, int(rng.integers(4, 9)))), w, 2)[0] * h * 0.07 + h * (start + 0.13 * k)
        draw.polygon([(0, h), *[(x, float(y)) for x, y in enumerate(line)], (w, h)], fill=hsv(hue + 0.02 * k, 0.25 + 0.1 * k, 0.75 - 0.12 * k))
    noise = fractal(rng, w, h, 10, 4, 1.5, 0.8)[..., None]
    return np.asarray(image, np.float32) * (1 + 0.1 * noise * ramp(w, h)[..., None])


def pebbles(rng, w, h):
    base = hsv(rng.choice([0.08, 0.1, 0.6]), rng.uniform(0.05, 0.3), rng.uniform(0.35, 0.6))
    image = Image.new("RGB", (w, h), shade(base, 0.7))
    draw = ImageDraw.Draw(image)
    for _ in range(420):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(4, 13)
        tone, tilt, flat = shade(base, rng.uniform(0.7, 1.5)), rng.uniform(0, 180), rng.uniform(0.6, 0.95)
        for k, f in ((1.0, 0.8), (0.86, 1.0)):
            draw.polygon([tuple(p) for p in arc(x - r * (1 - k) * 0.6, y - r * (1 - k) * 0.6, r * k, r * k * flat, tilt=tilt, n=12)], fill=shade(tone, f))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), np.float32) * (1 + 0.1 * fractal(rng, w, h, 20, 3))[..., None]


def cloth(rng, w, h):
    hue, sat, value = rng.random(), rng.uniform(0.05, 0.45), rng.uniform(0.5, 0.95)
    step, dark = rng.uniform(14, 40), rng.uniform(0.75, 0.92)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    a = rng.uniform(0, np.pi)
    u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    tone = np.where((u / step) % 2 < 1, dark, 1.0)
    if rng.random() < 0.6:
        tone = tone * np.where((v / step) % 2 < 1, dark, 1.0)
    folds = 1 + 0.22 * fractal(rng, w, h, 2, 3)
    return np.array(hsv(hue, sat, value), np.float32) * (tone * folds)[..., None]


def plaster(rng, w, h):
    hue, sat, value = rng.random(), rng.uniform(0.05, 0.5), rng.uniform(0.3, 0.9)
    return mix(hsv(hue, sat, value * 0.65), hsv(hue + rng.uniform(-0.06, 0.06), sat, value), fractal(rng, w, h, 3, 7, 1.0, 0.65) * 0.5 + 0.5)


def leaves(rng, w, h):
    hue = rng.choice([0.25, 0.3, 0.1, 0.05])
    image = Image.new("RGB", (w, h), hsv(hue, 0.6, 0.2))
    draw = ImageDraw.Draw(image)
    for i in range(260):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(9, 22)
        tone, tilt = hsv(hue + rng.normal(0, 0.02), rng.uniform(0.4, 0.75), 0.22 + 0.4 * (i / 260) * rng.uniform(0.6, 1.2)), rng.uniform(0, 360)
        c, s = np.cos(np.radians(tilt)) * r, np.sin(np.radians(tilt)) * r
        draw.polygon([tuple(p) for p in smooth([(x - c, y - s), (x - s * 0.5, y + c * 0.5), (x + c, y + s), (x + s * 0.5, y - c * 0.5)], rounds=2)], fill=tone)
        draw.line([(x - c * 0.7, y - s * 0.7), (x + c * 0.7, y + s * 0.7)], fill=shade(tone, 1.15))
    return np.asarray(image, np.float32)


KINDS = [sky, sky, grass, water, bricks, bokeh, planks, hills, pebbles, cloth, plaster, leaves]


def clutter(image, rng):
    """Nameless things that belong to no class: balls, sticks, slabs and lumps, softly shaded."""
    w, h = image.size
    for _ in range(int(rng.choice([0, 0, 1, 2, 3, 4, 5]))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(7, 26)
        tone = hsv(rng.random(), rng.uniform(0.1, 0.75), rng.uniform(0.3, 0.95))
        kind, tilt = rng.integers(4), rng.uniform(0, 360)
        if kind == 0:
            shape = arc(x, y, r, r * rng.uniform(0.7, 1), tilt=tilt)
        elif kind == 1:
            shape = arc(x, y, r * 2.2, rng.uniform(1.5, 4), tilt=tilt)
        elif kind == 2:
            shape = arc(x, y, r, r, tilt, tilt + 360, n=int(rng.integers(4, 7)))
        else:
            shape = smooth(arc(x, y, r, r, tilt, tilt + 320, n=7) + rng.normal(0, r * 0.25, (7, 2)))
        veil = Image.new("L", (w, h), 0)
        ImageDraw.Draw(veil).polygon([tuple(p) for p in shape], fill=255)
        veil = veil.filter(ImageFilter.GaussianBlur(float(rng.choice([0.6, 0.8, 2.0, 3.5]))))
        lit = Image.fromarray(mix(shade(tone, 1.15), shade(tone, 0.65), (ramp(w, h) * h - (y - r)) / (2 * r)).astype(np.uint8))
        image.paste(lit, (0, 0), veil)
    return image


def background(rng, width, height):
    """One background with clutter, as a PIL image."""
    base = KINDS[rng.integers(len(KINDS))](rng, width, height)
    image = clutter(Image.fromarray(base.clip(0, 255).astype(np.uint8)), rng)
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2.2))) if rng.random() < 0.5 else image
