"""Pictures of shapes for the sample network: outlines, fills and textures, anywhere, in any colour.

Eight classes (the shape's outline); everything else varies freely: position, size, rotation,
colour, whether the shape is filled, outlined or textured (stripes, checks, dots), the background
and a few faint marks that mean nothing. Drawn at four times the size and reduced, so that edges
are smooth.
"""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

CLASSES = ("circle", "square", "triangle", "star", "cross", "ring", "moon", "heart")
SIZE = 64
OVERSAMPLING = 4


def draw_picture(shape, random):
    """One picture of ``shape``: uint8[SIZE, SIZE, 3]."""
    side = SIZE * OVERSAMPLING
    background, foreground = contrasting_colours(random)
    picture = shaded(side, background, random)
    draw_marks(picture, random)
    mask = shape_mask(shape, side, random)
    style = random.choice(["fill", "outline", "stripes", "checks", "dots"])
    if style == "outline":
        mask = outline_of(mask, random)
    elif style != "fill":
        rim = outline_of(mask, random, share=0.03)
        mask = ImageChops.lighter(ImageChops.multiply(mask, texture(style, side, random)), rim)
    picture.paste(shaded(side, foreground, random), mask=mask)
    return np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BOX))


def make_pictures(count, seed):
    """``count`` pictures, the classes in turn: images uint8[N, SIZE, SIZE, 3], labels uint8[N]."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % len(CLASSES)
    images = np.stack([draw_picture(CLASSES[label], random) for label in labels])
    return images, labels


def contrasting_colours(random):
    """Two RGB colours, 0 to 255, that differ in lightness or clearly in hue."""
    while True:
        background, foreground = random.integers(20, 236, (2, 3))
        if np.abs(background - foreground).sum() > 200:
            return background, foreground


def shaded(side, colour, random):
    """A square of one colour, lit from one side."""
    angle = random.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    light = 1 + random.uniform(0, 0.25) * (np.cos(angle) * columns + np.sin(angle) * rows)
    return Image.fromarray(np.clip(light[..., None] * colour, 0, 255).astype(np.uint8))


def draw_marks(picture, random):
    """Faint strokes behind the shape that say nothing about its class."""
    pen = ImageDraw.Draw(picture)
    side = picture.width
    for _ in range(random.integers(0, 4)):
        ends = [tuple(point) for point in random.uniform(0, side, (2, 2))]
        colour = tuple(int(v) for v in random.integers(60, 196, 3))
        pen.line(ends, fill=colour, width=int(side * random.uniform(0.005, 0.02)))


def shape_mask(shape, side, random):
    """The filled shape somewhere in a square of ``side`` pixels: an 8-bit mask."""
    radius = side * random.uniform(0.18, 0.36)
    centre = random.uniform(radius, side - radius, 2)
    angle = random.uniform(0, 2 * np.pi)
    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    for outline, value in outlines(shape):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = outline @ turn.T * radius + centre
        pen.polygon([tuple(point) for point in points], fill=value)
    return mask


def outlines(shape):
    """Polygons of the shape in its unit circle, in drawing order: (points [P, 2], mask value)."""
    circle = regular(96)
    if shape == "circle":
        return [(circle * 0.9, 255)]
    if shape == "square":
        return [(regular(4), 255)]
    if shape == "triangle":
        return [(regular(3), 255)]
    if shape == "star":
        points = regular(10)
        points[1::2] *= 0.42
        return [(points, 255)]
    if shape == "cross":
        arm = 0.3
        corner = [(-arm, -1), (arm, -1), (arm, -arm)]
        points = [rotated(corner, quarter * np.pi / 2) for quarter in range(4)]
        return [(np.concatenate(points), 255)]
    if shape == "ring":
        return [(circle * 0.95, 255), (circle * 0.52, 0)]
    if shape == "moon":
        return [(circle * 0.95, 255), (circle * 0.78 + (0.45, 0), 0)]
    return [(heart(), 255)]


def regular(corners):
    """A regular polygon on the unit circle: [corners, 2]."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def rotated(points, angle):
    """The points turned by ``angle`` radians about the origin."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points) @ turn.T


def heart():
    """The heart curve (16 sin^3 t, 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t), in the unit circle."""
    t = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -(y + 2.5)], axis=1) / 16


def outline_of(mask, random, share=None):
    """The inner border of a mask; ``share`` is its width as a part of the picture."""
    share = random.uniform(0.025, 0.05) if share is None else share
    inner = mask.resize([s // 4 for s in mask.size], Image.Resampling.BOX)
    inner = inner.filter(ImageFilter.MinFilter(2 * max(1, int(inner.width * share)) + 1))
    return ImageChops.subtract(mask, inner.resize(mask.size, Image.Resampling.BILINEAR))


def texture(kind, side, random):
    """A black and white pattern over the whole square: an 8-bit mask."""
    period = side * random.uniform(0.06, 0.13)
    angle = random.uniform(0, np.pi)
    rows, columns = np.mgrid[0:side, 0:side] * (2 * np.pi / period)
    across = np.cos(angle) * columns + np.sin(angle) * rows
    along = np.cos(angle) * rows - np.sin(angle) * columns
    wave = {
        "stripes": np.sin(across),
        "checks": np.sin(across) * np.sin(along),
        "dots": np.sin(across) + np.sin(along) - 0.5,
    }[kind]
    return Image.fromarray(((wave > 0) * 255).astype(np.uint8))
