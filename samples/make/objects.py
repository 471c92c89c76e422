"""The ten things the scenes show; each function draws one with its own colours, shape and parts."""
import numpy as np

from pen import Pen, arc, hsv, shade, smooth


def any_hue(rng):
    """Any hue, with fewer acid greens than an even draw would give."""
    if rng.random() < 0.3:
        return rng.random()
    return rng.choice([0.0, 0.03, 0.09, 0.13, 0.35, 0.52, 0.58, 0.62, 0.76, 0.93]) + rng.normal(0, 0.015)


def paint(rng, low_s=0.45, low_v=0.5):
    """Any strong colour: no class is told by its hue."""
    return hsv(any_hue(rng), rng.uniform(low_s, 0.95), rng.uniform(low_v, 0.97))


def pale(rng):
    return hsv(any_hue(rng), rng.uniform(0.0, 0.2), rng.uniform(0.85, 1.0))


def two_paints(rng):
    """Two colours that can be told apart; half the time one is pale."""
    hue = any_hue(rng)
    first = hsv(hue, rng.uniform(0.55, 0.95), rng.uniform(0.55, 0.95))
    if rng.random() < 0.5:
        return first, pale(rng)
    return first, hsv(hue + rng.uniform(0.25, 0.75), rng.uniform(0.5, 0.9), rng.uniform(0.6, 1.0))


def balloon(pen, rng):
    main, other = two_paints(rng)
    gores = int(rng.integers(5, 10))
    low = rng.uniform(0.42, 0.55)
    wide = rng.uniform(0.74, 0.86)

    def edge(u):  # one meridian of the envelope: a round top that narrows to the mouth
        top = arc(0, -0.3, abs(u) * wide, 0.75, -90, 0, n=12)
        side = smooth([(abs(u) * wide, -0.3), (abs(u) * wide * 0.97, 0.0), (abs(u) * 0.32, low - 0.05), (abs(u) * 0.2, low)], closed=False)
        return np.concatenate([top, side]) * [1 if u >= 0 else -1, 1]

    cuts = np.sin(np.linspace(-np.pi / 2, np.pi / 2, gores + 1))
    for i in range(gores):
        pen.poly(np.concatenate([edge(cuts[i]), edge(cuts[i + 1])[::-1]]), main if i % 2 else other)
    if rng.random() < 0.5:
        pen.poly(np.concatenate([smooth([(-0.84 * wide, 0.08), (0, 0.24), (0.84 * wide, 0.08)], False), smooth([(0.9 * wide, -0.1), (0, 0.04), (-0.9 * wide, -0.1)], False)]), shade(main, 0.75))
    pen.box(-0.2, low - 0.02, 0.2, low + 0.04, shade(other, 0.7))
    rope = (70, 55, 40)
    for x in (-0.17, 0.17):
        pen.line([(x, low), (x * 0.85, low + 0.3)], 0.025, rope)
    basket = hsv(rng.uniform(0.05, 0.11), 0.6, rng.uniform(0.4, 0.65))
    pen.poly([(-0.19, low + 0.26), (0.19, low + 0.26), (0.15, low + 0.5), (-0.15, low + 0.5)], basket)
    pen.box(-0.21, low + 0.24, 0.21, low + 0.31, shade(basket, 0.65))


def butterfly(pen, rng):
    main, other = two_paints(rng)
    dark = shade(main, rng.uniform(0.2, 0.45))
    reach, rise = rng.uniform(0.85, 1.0), rng.uniform(0.65, 0.9)
    upper = np.array([(0.04, -0.05), (0.3, -rise * 0.85), (reach * 0.85, -rise), (reach * 1.06, -rise * 0.72), (reach * 0.8, -0.08), (0.3, 0.14)])
    lower = np.array([(0.04, 0.0), (0.45, 0.0), (reach * 0.8, 0.16), (reach * 0.72, 0.58), (0.44, 0.86), (0.2, 0.6)])
    spot = rng.uniform(0.08, 0.15)
    for side in (-1, 1):
        for wing, k, tone in ((lower, 0.8, shade(main, 0.88)), (upper, 0.82, main)):
            pen.poly(smooth(wing) * [side, 1], dark)
            centre = wing.mean(0)
            pen.poly(smooth((wing - centre) * k + centre) * [side, 1], tone)
        pen.oval(side * reach * 0.7, -rise * 0.62, spot, spot * 1.2, other)
        pen.oval(side * reach * 0.5, 0.36, spot * 1.1, spot, other)
        pen.oval(side * reach * 0.4, -rise * 0.4, spot * 0.7, spot * 0.8, dark)
        pen.line([(0, -0.36), (side * 0.1, -0.62), (side * 0.26, -0.8)], 0.035, (40, 32, 30))
    pen.oval(0, 0.02, 0.09, 0.46, (48, 38, 34))
    pen.oval(0, -0.42, 0.1, 0.1, (60, 48, 42))


def car(pen, rng):
    body, low, high = paint(rng), 0.4, rng.uniform(-0.12, 0.0)
    roof = high - rng.uniform(0.36, 0.46)
    back, front = rng.uniform(-0.95, -0.62), rng.uniform(0.42, 0.58)
    glass = hsv(0.57, rng.uniform(0.1, 0.4), rng.uniform(0.35, 0.85))
    slope = rng.uniform(0.1, 0.28)
    cabin = np.array([(back, high + 0.05), (back + slope, roof), (front - slope - 0.12, roof), (front, high + 0.05)])
    pen.poly(smooth(np.concatenate([cabin[:1], cabin[1:2], cabin[1:2] + [0.1, 0], cabin[2:3] - [0.1, 0], cabin[2:]]), rounds=2), body)
    pen.poly(smooth([(-1.02, high + 0.06), (-0.98, high), (0.3, high - 0.01), (0.75, high + 0.04), (1.02, high + 0.14), (1.04, low), (-1.04, low)], rounds=2), body)
    pane = (cabin - cabin.mean(0)) * [0.86, 0.74] + cabin.mean(0) + [0, 0.01]
    pen.poly(pane, glass)
    mid = rng.uniform(-0.15, 0.0)
    pen.poly([(mid - 0.03, roof + 0.02), (mid + 0.03, roof + 0.02), (mid + 0.035, high + 0.06), (mid - 0.03, high + 0.06)], body)
    pen.box(-1.03, low - 0.14, 1.03, low - 0.02, shade(body, 0.62))
    pen.line([(mid, high + 0.04), (mid, low - 0.16)], 0.016, shade(body, 0.6))
    pen.line([(mid - 0.18, high + 0.1), (mid - 0.06, high + 0.1)], 0.03, shade(body, 0.5))
    pen.oval(0.95, high + 0.2, 0.07, 0.05, (255, 244, 190))
    pen.box(-1.03, high + 0.12, -0.95, high + 0.22, (190, 30, 25))
    wheel = rng.uniform(0.2, 0.25)
    for x in (-0.58, 0.6):
        pen.oval(x, low, wheel + 0.04, wheel + 0.04, shade(body, 0.4))
        pen.oval(x, low + 0.02, wheel, wheel, (32, 32, 36))
        pen.oval(x, low + 0.02, wheel * 0.58, wheel * 0.58, (190, 192, 198))
        pen.oval(x, low + 0.02, wheel * 0.2, wheel * 0.2, (80, 82, 88))


def fish(pen, rng):
    main, other = two_paints(rng)
    fat, tail = rng.uniform(0.36, 0.56), rng.uniform(0.34, 0.5)
    fin = shade(main, rng.uniform(0.6, 0.8))
    pen.poly(smooth([(-0.5, 0), (-0.98, -tail * 1.1), (-1.0, -tail), (-0.82, 0), (-1.0, tail), (-0.98, tail * 1.1)], rounds=2), fin)
    pen.poly(smooth([(-0.4, -fat * 0.55), (-0.2, -fat - 0.24), (0.15, -fat - 0.2), (0.4, -fat * 0.6)], rounds=2), fin)
    pen.poly(smooth([(-0.25, fat * 0.6), (-0.2, fat + 0.2), (0.1, fat * 0.8)], rounds=2), fin)
    nose = [(0.95, 0.03), (0.62, -fat * 0.85), (0.1, -fat * 1.12), (-0.35, -fat * 0.62), (-0.68, -0.08), (-0.68, 0.08), (-0.35, fat * 0.62), (0.1, fat * 1.12), (0.62, fat * 0.8)]
    body = smooth(nose)
    pen.poly(body, main)
    pen.poly(np.where(body[:, 1:] > 0.1, body, np.stack([body[:, 0], np.full(len(body), 0.1)], 1)), shade(main, 1.35))
    if rng.random() < 0.65:  # bands that follow the body's height
        for x in np.linspace(-0.38, 0.3, int(rng.integers(2, 5))):
            h = fat * 0.86 * (1 - ((x - 0.1) / 0.95) ** 2)
            pen.poly(smooth([(x - 0.06, -h), (x + 0.06, -h), (x + 0.11, 0), (x + 0.06, h), (x - 0.06, h), (x, 0)], rounds=2), other)
    else:
        for _ in range(12):
            pen.oval(rng.uniform(-0.4, 0.4), rng.uniform(-0.55, 0.55) * fat, 0.045, 0.045, other)
    pen.line(arc(0.36, 0, 0.14, fat * 0.6, -60, 60), 0.028, shade(main, 0.6))
    pen.poly(smooth([(0.2, 0.06), (-0.12, 0.02), (-0.14, 0.26), (0.05, 0.22)], rounds=2), fin)
    pen.oval(0.63, -fat * 0.26, 0.1, 0.1, (250, 250, 245))
    pen.oval(0.65, -fat * 0.26, 0.055, 0.055, (20, 20, 25))
    pen.line([(0.9, 0.1), (0.74, 0.15)], 0.025, shade(main, 0.45))


def flower(pen, rng):
    main, centre = paint(rng, 0.35, 0.75), hsv(rng.choice([0.12, 0.14, 0.07, 0.95]), 0.85, rng.uniform(0.45, 1.0))
    green = hsv(rng.uniform(0.24, 0.38), rng.uniform(0.5, 0.8), rng.uniform(0.35, 0.65))
    bend = rng.uniform(-0.2, 0.2)
    pen.line(smooth([(0, -0.3), (bend, 0.4), (bend * 0.4, 1.05)], False), 0.09, green)
    for side in (-1, 1):
        if rng.random() < 0.8:
            y = rng.uniform(0.55, 0.75)
            pen.poly(smooth([(bend * 0.8, y + 0.1), (side * 0.22 + bend, y - 0.22), (side * 0.56, y - 0.3), (side * 0.4 + bend, y + 0.02)]), shade(green, 1.12))
    n, start, width = int(rng.integers(5, 12)), rng.uniform(0, 360), rng.uniform(0.75, 1.0)
    for ring, scale in ((shade(main, 0.8), 1.0), (main, rng.uniform(0.82, 0.95))):
        for i in range(n):
            a = start + 360 * i / n + (180 / n if scale < 1 and n > 6 else 0)
            r = 0.36 * scale
            pen.oval(r * np.cos(np.radians(a)), -0.35 + r * np.sin(np.radians(a)), 0.3 * scale, min(1.5 / n, 0.27) * width * scale, ring, tilt=a)
    pen.oval(0, -0.35, 0.2, 0.2, shade(centre, 0.75))
    pen.oval(0, -0.35, 0.16, 0.16, centre)
    for a in range(0, 360, 60):
        pen.oval(0.09 * np.cos(np.radians(a)), -0.35 + 0.09 * np.sin(np.radians(a)), 0.025, 0.025, shade(centre, 0.5))


def house(pen, rng):
    wall, roof, trim = (pale(rng) if rng.random() < 0.5 else paint(rng, 0.25, 0.6)), paint(rng, 0.4, 0.3), pale(rng)
    half, top, floor = rng.uniform(0.6, 0.78), rng.uniform(-0.2, 0.0), 0.78
    peak = top - rng.uniform(0.5, 0.75)
    depth = rng.uniform(0.2, 0.45) if rng.random() < 0.6 else 0  # a second wall, seen from the side
    pen.box(0.2, peak + 0.08, 0.4, top - 0.05, shade(roof, 0.6))
    pen.box(0.17, peak + 0.04, 0.43, peak + 0.14, shade(roof, 0.8))
    if depth:
        pen.poly([(half, top), (half + depth, top - 0.04), (half + depth, floor - 0.1), (half, floor)], shade(wall, 0.7))
        pen.box(half + depth * 0.3, 0.12, half + depth * 0.75, 0.42, hsv(0.57, 0.4, 0.4))
        pen.poly([(0, peak - 0.04), (depth, peak - 0.05), (half + depth + 0.08, top), (half + 0.1, top + 0.06)], shade(roof, 0.8))
    pen.poly([(-half, top), (0, peak), (half, top), (half, floor), (-half, floor)], wall)
    for x in np.arange(0.08, 0.6, 0.12):  # boards
        pen.line([(-half, top + x * 1.4), (half, top + x * 1.4)], 0.012, shade(wall, 0.85))
    for side in (-1, 1):
        pen.poly([(0, peak - 0.13), (side * (half + 0.14), top + 0.06), (side * (half + 0.1), top + 0.15), (0, peak + 0.03)], roof)
    door = paint(rng, 0.4, 0.3)
    x = rng.choice([-0.3, 0.0, 0.3]) * half
    pen.box(x - 0.16, 0.26, x + 0.16, floor, trim)
    pen.box(x - 0.12, 0.3, x + 0.12, floor, door)
    pen.oval(x + 0.07, 0.56, 0.025, 0.025, (235, 205, 90))
    glass = hsv(rng.choice([0.57, 0.13]), rng.uniform(0.2, 0.6), rng.uniform(0.4, 0.95))
    for wx, wy in [(0, top - 0.12)] + [(s * half * 0.66, 0.3) for s in (-1, 1) if abs(s * half * 0.66 - x) > 0.32]:
        pen.box(wx - 0.15, wy - 0.15, wx + 0.15, wy + 0.15, trim)
        pen.box(wx - 0.11, wy - 0.11, wx + 0.11, wy + 0.11, glass)
        pen.line([(wx, wy - 0.11), (wx, wy + 0.11)], 0.03, trim)
        pen.line([(wx - 0.11, wy), (wx + 0.11, wy)], 0.03, trim)


def mug(pen, rng):
    main, other = two_paints(rng)
    if rng.random() < 0.35:
        main, other = pale(rng), main
    wide, foot, tall, lip = rng.uniform(0.52, 0.66), rng.uniform(0.85, 1.0), rng.uniform(0.6, 0.78), rng.uniform(0.1, 0.2)
    hx, hr = wide * (1 + foot) / 2 - 0.04, rng.uniform(0.34, 0.42)
    thick, squeeze = rng.uniform(0.13, 0.18), rng.uniform(0.85, 1.15)
    pen.oval(hx, 0.0, hr, hr * squeeze * 1.1, shade(main, 0.8), -100, 100)
    pen.clear(arc(hx, 0.0, hr - thick, (hr - thick) * squeeze * 1.1, 0, 360))
    bottom = arc(0, tall, wide * foot, lip * 0.9, 0, 180)
    pen.poly(np.concatenate([[(wide, -tall)], bottom, [(-wide, -tall)]]), main)
    kind = rng.integers(4)

    def band(y0, y1, colour):  # a stripe bends as the rim does
        f = lambda y: wide * (1 + (foot - 1) * (y + tall) / (2 * tall))
        pen.poly(np.concatenate([arc(0, y1, f(y1), lip, 0, 180), arc(0, y0, f(y0), lip, 180, 0)]), colour)
    if kind == 0:
        band(-0.15, rng.uniform(0.05, 0.3), other)
    elif kind == 1:
        for y in (-0.3, 0.0, 0.3):
            band(y, y + 0.12, other)
    elif kind == 2:
        for i in range(3):
            for j in range(3):
                pen.oval((i - 1) * 0.32 * wide / 0.6, (j - 1) * 0.34 + 0.12 + (0.04 if i == 1 else 0), 0.075, 0.075, other)
    pen.oval(0, -tall, wide, lip, shade(main, 1.25))
    pen.oval(0, -tall, wide * 0.9, lip * 0.82, shade(main, 0.55))
    pen.oval(0, -tall + lip * 0.2, wide * 0.78, lip * 0.56, hsv(rng.uniform(0.04, 0.1), 0.7, rng.uniform(0.2, 0.45)))


def mushroom(pen, rng):
    cap, spot, stem = paint(rng), pale(rng), hsv(rng.uniform(0.08, 0.14), rng.uniform(0.08, 0.3), rng.uniform(0.78, 0.96))
    wide, tall, thick = rng.uniform(0.8, 1.0), rng.uniform(0.65, 0.95), rng.uniform(0.17, 0.27)
    lean = rng.uniform(-0.12, 0.12)
    pen.poly(smooth([(-thick * 0.85, -0.1), (thick * 0.85, -0.1), (thick * 0.9 + lean, 0.5), (thick * 1.5 + lean, 0.92), (lean, 1.0), (-thick * 1.5 + lean, 0.92), (-thick * 0.9 + lean, 0.5)]), stem)
    if rng.random() < 0.6:
        pen.poly(smooth([(-thick, 0.2), (thick, 0.2), (thick * 1.6, 0.4), (0, 0.46), (-thick * 1.6, 0.4)]), shade(stem, 0.86))
    dip = rng.uniform(0.08, 0.16)
    pen.oval(0, 0.0, wide * 0.97, dip, shade(stem, 0.72))
    for x in np.linspace(-0.8, 0.8, 9):
        pen.line([(x * 0.3, 0.0), (x * wide, dip * 0.5)], 0.015, shade(stem, 0.5))
    dome = np.concatenate([arc(0, 0, wide, tall, 180, 360), arc(0, 0, wide, dip * 0.5, 0, 180)])
    pen.poly(dome, cap)
    pen.poly(np.concatenate([arc(0, 0, wide, tall, 180, 205), arc(0, -tall * 0.3, wide * 0.9, dip, 180, 0), arc(0, 0, wide, tall, 335, 360), arc(0, 0, wide, dip * 0.5, 0, 180)]), shade(cap, 0.85))
    for x, y, r in ((0, -0.62, 0.13), (-0.45, -0.42, 0.11), (0.42, -0.46, 0.12), (-0.1, -0.26, 0.1), (0.68, -0.16, 0.08), (-0.72, -0.14, 0.07), (0.3, -0.14, 0.08)):
        if rng.random() < 0.85:
            k = rng.uniform(0.8, 1.2)
            pen.oval(x * wide, y * tall / 0.8, r * k, r * k * 0.85, spot)


def sailboat(pen, rng):
    hull, sail = paint(rng, 0.3, 0.3), (pale(rng) if rng.random() < 0.6 else paint(rng, 0.4, 0.7))
    jib = sail if rng.random() < 0.6 else paint(rng, 0.4, 0.6)
    deck, top, mast = rng.uniform(0.45, 0.55), rng.uniform(-1.05, -0.9), rng.uniform(-0.08, 0.08)
    pen.line([(mast, deck), (mast, top)], 0.045, (110, 80, 52))
    boom = deck - rng.uniform(0.04, 0.09)
    bulge = rng.uniform(0.04, 0.16)
    main = np.concatenate([[(mast + 0.04, top + 0.05)], smooth([(mast + 0.04, top + 0.05), (mast + 0.56 + bulge, -0.1), (mast + 0.8, boom)], False), [(mast + 0.04, boom)]])
    pen.poly(main, sail)
    for f in (0.3, 0.55, 0.78):  # seams
        y = top + (boom - top) * f
        pen.line([(mast + 0.05, y), (mast + 0.04 + 0.62 * f + bulge * 0.3, y)], 0.014, shade(sail, 0.75))
    if rng.random() < 0.4:
        pen.oval(mast + 0.25, boom - 0.32, 0.12, 0.12, hull)
    pen.poly(np.concatenate([[(mast - 0.05, top + rng.uniform(0.12, 0.3))], smooth([(mast - 0.05, boom), (mast - 0.4, boom - 0.03), (mast - 0.82, boom + 0.03)], False)]), shade(jib, 0.92))
    if rng.random() < 0.6:
        pen.poly([(mast, top - 0.02), (mast - 0.26, top + 0.06), (mast, top + 0.13)], paint(rng))
    keel = deck + rng.uniform(0.36, 0.46)
    pen.poly(np.concatenate([[(-0.95, deck), (1.0, deck - 0.03)], smooth([(1.0, deck - 0.03), (0.75, keel), (0.4, keel + 0.02), (-0.6, keel), (-0.95, deck)], False)]), hull)
    pen.poly([(-0.95, deck - 0.02), (1.02, deck - 0.05), (0.99, deck + 0.06), (-0.93, deck + 0.08)], shade(hull, 1.5) if rng.random() < 0.5 else pale(rng))
    if rng.random() < 0.5:
        for x in (-0.5, -0.2, 0.1, 0.4):
            pen.oval(x, deck + 0.19, 0.045, 0.045, pale(rng))


def umbrella(pen, rng):
    main, other = two_paints(rng)
    if rng.random() < 0.4:
        other = shade(main, 0.78)
    panels, tall, rim = int(rng.integers(4, 8)), rng.uniform(0.7, 0.92), rng.uniform(-0.02, 0.06)
    metal = (86, 82, 84)
    pen.oval(0, rim - 0.02, 0.97, rng.uniform(0.2, 0.34), shade(main, 0.5))  # the inside, seen from a little below
    pen.line([(0, -tall), (0, 0.75)], 0.08, metal)
    hook = paint(rng, 0.3, 0.3)
    pen.line(np.concatenate([[(0, 0.55), (0, 0.82)], arc(0.15, 0.84, 0.15, 0.17, 180, -10)]), 0.11, hook)
    cuts = np.sin(np.linspace(-np.pi / 2, np.pi / 2, panels + 1))
    for i in range(panels):
        def rib(u):
            return arc(0, rim, abs(u), tall, -90, 0, n=12) * [1 if u >= 0 else -1, 1]
        a, b = cuts[i], cuts[i + 1]
        scallop = arc((a + b) / 2, rim + 0.01, (b - a) / 2, 0.08, 180, 360)
        pen.poly(np.concatenate([rib(a), scallop, rib(b)[::-1]]), main if i % 2 else other)
    for u in cuts[1:-1]:
        pen.line(arc(0, rim, abs(u), tall, -90, 0, n=10) * [1 if u >= 0 else -1, 1], 0.016, shade(main, 0.6))
    pen.line([(0, rim - tall - 0.12), (0, rim - tall)], 0.05, metal)


# Name -> (how to draw it, how far it may lean in degrees).
CLASSES = {
    "balloon": (balloon, 16), "butterfly": (butterfly, 180), "car": (car, 12), "fish": (fish, 35), "flower": (flower, 28),
    "house": (house, 8), "mug": (mug, 20), "mushroom": (mushroom, 22), "sailboat": (sailboat, 15), "umbrella": (umbrella, 45),
}
LABELS = list(CLASSES)


def draw_object(name, rng):
    """One object of the class as a large RGBA picture on nothing."""
    function, lean = CLASSES[name]
    pen = Pen(turn=rng.uniform(-lean, lean), mirror=rng.random() < 0.5, stretch=rng.uniform(0.9, 1.12), shear=rng.uniform(-0.1, 0.1))
    function(pen, rng)
    return pen.image
