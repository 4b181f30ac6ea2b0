#!/usr/bin/env python3
"""Times the evaluation transform beside Pillow's, on one thread each, in interleaved rounds.

  .venv/bin/python tests/bench/compare_preprocessing.py [--bin build/release/tests/bin] [--rounds 25]

From a decoded picture to float32 [3, 224, 224]: resize the shorter side to 256 (bicubic), centre crop, scale, normalise. Pillow is the
unchanged one of PyPI, without SIMD. Two ratios, each the median over the rounds of Pillow's time to Oriel's, with the quartiles:
`resize`, where Pillow only resizes and crops (Oriel still does all), and `all`, where NumPy scales and normalises after it.
"""
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import PIL
from PIL import Image

SIZES = [(500, 375), (375, 500), (640, 480), (1280, 720), (4000, 3000), (128, 128), (32, 32)]
SIZE, RESIZED = 224, 256
MEAN = numpy.array([0.485, 0.456, 0.406], numpy.float32)
STD = numpy.array([0.229, 0.224, 0.225], numpy.float32)


def resize(image):
    width, height = image.size
    shorter = min(width, height)
    size = RESIZED * width // shorter, RESIZED * height // shorter
    left, top = round((size[0] - SIZE) / 2), round((size[1] - SIZE) / 2)
    return image.resize(size, Image.BICUBIC).crop((left, top, left + SIZE, top + SIZE))


def transform(image):
    values = numpy.asarray(resize(image)).astype(numpy.float32) / 255
    return numpy.ascontiguousarray(((values - MEAN) / STD).transpose(2, 0, 1))


def seconds(function, image, count):
    start = time.perf_counter()
    for _ in range(count):
        function(image)
    return time.perf_counter() - start


class Oriel:
    def __init__(self, program, path):
        command = [program, str(SIZE), str(SIZE), str(SIZE / RESIZED), path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.level = self.process.stdout.readline().strip()

    def seconds(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(options, image, path):
    """Milliseconds of Oriel, and the ratios of every round."""
    oriel = Oriel(options.bin / "preprocessing-bench", path)
    # Each measurement takes about 20 ms of Pillow's time.
    count = max(int(0.02 / (seconds(resize, image, 3) / 3)), 1)
    oriel.seconds(count)
    rounds = []
    for _ in range(options.rounds):
        rounds.append((oriel.seconds(count), seconds(resize, image, count), oriel.seconds(count), seconds(transform, image, count)))
    oriel.close()
    milliseconds = statistics.median(1e3 * first / count for first, _, _, _ in rounds)
    return oriel.level, milliseconds, [b / a for a, b, _, _ in rounds], [d / c for _, _, c, d in rounds]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/tests/bin")
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    show = lambda ratios: "{1:5.2f} ({0:.2f} to {2:.2f})".format(*statistics.quantiles(ratios, n=4))
    with tempfile.TemporaryDirectory() as scratch:
        for width, height in SIZES:
            image = Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=numpy.uint8))
            path = f"{scratch}/picture.png"
            image.save(path, compress_level=0)
            level, milliseconds, resized, transformed = compare(options, image, path)
            print(f"{width}x{height}: {milliseconds:.3f} ms ({level}); times as fast as Pillow {PIL.__version__}: "
                  f"resize {show(resized)}, all {show(transformed)}", flush=True)


if __name__ == "__main__":
    main()
