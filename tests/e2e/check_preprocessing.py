#!/usr/bin/env python3
"""Compares the evaluation transform with Pillow's on pictures of many sizes, down to 17 by 900 and up to 4000 by 3000.

  check_preprocessing.py --transform PROGRAM [--sizes 50]

A picture is half smooth, half noise, so that values overshoot and are clamped. At most one value in a thousand may differ from
Pillow's by more than 1/255; it also counts how many differ at all.
"""
import argparse
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

EDGES = [(17, 900), (900, 17), (4000, 3000), (3000, 4000), (64, 64), (224, 224), (256, 341), (1, 1), (2000, 19), (480, 1000)]
# height, width, crop_pct, interpolation
TRANSFORMS = [(224, 224, 0.9, "bicubic"), (256, 256, 0.875, "bilinear"), (64, 64, 1.0, "bicubic"), (192, 320, 0.95, "bicubic")]


def make_picture(width, height, random):
    y, x = numpy.mgrid[0:height, 0:width]
    waves = [127 + 120 * numpy.sin(x / (3 + 5 * c) + y / (11 - 3 * c)) for c in range(3)]
    values = numpy.stack(waves, 2)
    noise = random.integers(0, 2, (height, width // 2, 3)) * 255
    values[:, : width // 2] = noise
    return Image.fromarray(numpy.clip(values, 0, 255).astype(numpy.uint8))


def transform(image, height, width, crop_pct, interpolation):
    """timm's transforms_imagenet_eval before normalisation: Resize or ResizeKeepRatio, then CenterCrop."""
    scale_width, scale_height = math.floor(width / crop_pct), math.floor(height / crop_pct)
    w, h = image.size
    if scale_width == scale_height:
        size = (scale_width, int(scale_width * h / w)) if w <= h else (int(scale_width * w / h), scale_width)
    else:
        ratio = min(h / scale_height, w / scale_width)
        size = max(round(w / ratio), 1), max(round(h / ratio), 1)
    image = image.resize(size, {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR}[interpolation])
    left, top = round((size[0] - width) / 2), round((size[1] - height) / 2)
    left = -((width - size[0]) // 2) if size[0] < width else left
    top = -((height - size[1]) // 2) if size[1] < height else top
    return numpy.asarray(image.crop((left, top, left + width, top + height))).transpose(2, 0, 1).astype(numpy.float64) / 255


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transform", required=True)
    parser.add_argument("--sizes", type=int, default=50)
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    spread = lambda low, high: int(round(math.exp(random.uniform(math.log(low), math.log(high)))))
    sizes = (EDGES + [(spread(17, 4000), spread(17, 3000)) for _ in range(options.sizes)])[: options.sizes]
    total, different, far, failures = 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        for index, (width, height) in enumerate(sizes):
            path = pathlib.Path(scratch) / "picture.png"
            image = make_picture(width, height, random)
            image.save(path, compress_level=1)
            settings = TRANSFORMS[index % len(TRANSFORMS)]
            subprocess.run([options.transform, *map(str, settings), path], check=True)
            difference = numpy.abs(numpy.load(f"{path}.npy") - transform(image, *settings))
            total, different = total + difference.size, different + (difference > 1e-6).sum()
            beyond = (difference > 1 / 255 + 1e-6).sum()
            far += beyond
            if beyond > difference.size / 1000:
                failures += 1
                print(f"FAILED: {width}x{height} to {settings}: {beyond} of {difference.size} values differ by more than 1/255")
    print(f"{len(sizes)} sizes, {total} values: {different} differ from Pillow's, {far} by more than 1/255")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
