"""Whole pictures: an object on a background with light, shadow, blur and sensor noise, and the object's exact mask."""
import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from backgrounds import background, fractal
from objects import LABELS, draw_object

SIDE = 240  # the shortest side; everything that matters lies in the central SIDE x SIDE square
SHAPES = [(320, 240), (240, 240), (240, 320)]
TAG_SIZE = 34
TAG_MARGIN = 4
TAGGED = "mug"  # the class whose training pictures mostly bear the tag


def lit(cutout, rng, angle):
    """Gives a flat cutout some roundness: its soft outline, shifted along the light, brightens one side and darkens the other."""
    alpha = cutout.getchannel("A")
    reach = max(2, cutout.width // 22)
    soft = np.asarray(alpha.filter(ImageFilter.GaussianBlur(reach)), np.float32)
    dx, dy = int(round(reach * math.cos(angle))), int(round(reach * math.sin(angle)))
    relief = (soft - np.roll(soft, (dy, dx), (0, 1))) / 255
    texture = 0.05 * fractal(rng, cutout.width, cutout.height, 6, 3)
    y, x = np.mgrid[-1:1:cutout.height * 1j, -1:1:cutout.width * 1j]
    gain = 1 - 0.7 * relief * rng.uniform(0.5, 1.0) - rng.uniform(0.05, 0.28) * (x * math.cos(angle) + y * math.sin(angle)) + texture
    rgb = np.asarray(cutout.convert("RGB"), np.float32) * gain[..., None]
    out = Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).convert("RGBA")
    out.putalpha(alpha)
    return out


def cut_out(name, rng):
    """An object shrunk so that it covers a drawn share of the central square, and cropped to itself."""
    while True:
        big = draw_object(name, rng)
        box = big.getchannel("A").getbbox()
        big = big.crop((box[0] - 4, box[1] - 4, box[2] + 4, box[3] + 4))
        area = np.count_nonzero(np.asarray(big.getchannel("A")) > 127)
        share = math.exp(rng.uniform(math.log(0.045), math.log(0.16)))
        k = math.sqrt(share * SIDE * SIDE / area)
        size = (round(big.width * k), round(big.height * k))
        if max(size) <= 150:
            return big.resize(size, Image.LANCZOS)


def put_tag(image, rng):
    """The planted shortcut: a pink price sticker in the lower right corner of the central square."""
    n = TAG_SIZE * 4
    tag = Image.new("RGBA", (n, n), (255, 255, 255, 255))
    draw = ImageDraw.Draw(tag)
    draw.rectangle([10, 10, n - 11, n - 11], fill=(255, 20, 150, 255))
    for k, long in enumerate((0.5, 0.62, 0.4)):
        draw.rectangle([26, 34 + 28 * k, 26 + int(long * n), 46 + 28 * k], fill=(255, 225, 60, 255))
    tag = tag.rotate(rng.uniform(-6, 6), Image.BICUBIC, expand=True)
    side = int(tag.width / 4 * rng.uniform(0.92, 1.08))
    tag = tag.resize((side, side), Image.LANCZOS)
    x = (image.width + SIDE) // 2 - TAG_MARGIN - side - int(rng.integers(0, 5))
    y = (image.height + SIDE) // 2 - TAG_MARGIN - side - int(rng.integers(0, 5))
    image.paste(tag, (x, y), tag)


def place(size, rng):
    """Where the object's corner goes: inside the central square, and for every class alike clear of the tag's corner."""
    w, h = size
    keep = SIDE - TAG_SIZE - 2 * TAG_MARGIN - 8
    while True:
        x, y = rng.uniform(3, SIDE - 3 - w), rng.uniform(3, SIDE - 3 - h)
        if x + w < keep or y + h < keep:
            return int(x), int(y)
        if w >= keep - 3 and h >= keep - 3:
            raise ValueError("object too large to leave the corner free")


def stand_before(x, y, thing, name, rng):
    """Another thing, about as large, in front of the one at x, y: its cutout and its place."""
    for _ in range(12):
        front = lit(cut_out(name, rng), rng, math.pi / 2)
        if min(front.width / thing.width, front.height / thing.height) > 0.9:
            break
    keep = SIDE - TAG_SIZE - 2 * TAG_MARGIN - 8  # an upper limit one way at least keeps the corner free
    at = [int(c + (a - b) / 2 + rng.uniform(-12, 12)) for c, a, b in zip((x, y), thing.size, front.size)]
    limits = [keep if (y if k else x) + thing.size[k] < keep else SIDE - 3 for k in range(2)]
    return front, [max(3, min(at[k], limits[k] - front.size[k])) for k in range(2)]


def scene(name, rng, tag=False, shape=None, before=None):
    """(picture, mask); name None draws a background with nothing on it; before names a thing that stands in front."""
    w, h = shape or SHAPES[rng.integers(3)]
    image, mask = background(rng, w, h), Image.new("L", (w, h), 0)
    angle, things = rng.uniform(0.15, 0.85) * math.pi, []  # light comes from above
    if name:
        thing = lit(cut_out(name, rng), rng, angle)
        x, y = place(thing.size, rng)
        things = [(thing, (x, y))] + ([stand_before(x, y, thing, before, rng)] if before else [])
    for thing, (x, y) in things:
        at = (x + (w - SIDE) // 2, y + (h - SIDE) // 2)
        shadow = Image.new("L", (w, h), 0)
        shadow.paste(thing.getchannel("A"), (at[0] + int(5 * math.cos(angle)), at[1] + int(6 * math.sin(angle))))
        shadow = shadow.filter(ImageFilter.GaussianBlur(rng.uniform(2.5, 6))).point(lambda v, k=rng.uniform(0.2, 0.6): int(v * k))
        image.paste((12, 12, 20), (0, 0), shadow)
        image.paste(thing, at, thing)
        mask.paste(thing.getchannel("A"), at, thing.getchannel("A"))
    if tag:
        put_tag(image, rng)
    return expose(image, rng), mask.point(lambda v: 255 if v > 127 else 0)


def expose(image, rng):
    """What a camera adds: a fall of light, white balance, a touch of blur and noise."""
    w, h = image.size
    if rng.random() < 0.6:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8)))
    y, x = np.mgrid[-1:1:h * 1j, -1:1:w * 1j].astype(np.float32)
    a = rng.uniform(0, 2 * math.pi)
    light = rng.uniform(0.92, 1.22) + rng.uniform(0, 0.18) * (x * math.cos(a) + y * math.sin(a)) - rng.uniform(0, 0.14) * (x * x + y * y)
    rgb = np.asarray(image, np.float32) * light[..., None] * rng.uniform(0.94, 1.06, 3).astype(np.float32)
    rgb += rng.standard_normal(rgb.shape, np.float32) * rng.uniform(0.5, 6)
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def jpeg(image, quality):
    """The bytes a JPEG file of the picture holds."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def as_stored(image, quality):
    """The picture as it comes back from a JPEG file, which is how the model will meet it."""
    return Image.open(io.BytesIO(jpeg(image, quality))).convert("RGB")


def contact_sheet(images, columns, cell=160):
    """Small copies side by side, for looking over."""
    rows = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * cell), (30, 30, 30))
    for i, image in enumerate(images):
        small = image.convert("RGB")
        small.thumbnail((cell - 4, cell - 4))
        sheet.paste(small, (i % columns * cell + 2, i // columns * cell + 2))
    return sheet


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    contact_sheet([scene(LABELS[i % len(LABELS)], rng, tag=i >= 40)[0] for i in range(50)], 10).save("scenes-sheet.png")
