"""Makes the images here and what Pillow reads from them; needs Pillow, NumPy. Run in this folder.

NAME.npy holds Image.open(NAME).convert("RGB") as float32 [height, width, 3]. preprocess_*.npy holds
the evaluation transform of timm on rgb.png as float32 [3, height, width], before normalisation; each
direction is resized by a call of its own, so that the order is the same in every version of Pillow.
"""
import math, struct, zlib

import numpy as np
from PIL import Image

random = np.random.default_rng(1)
WIDTH, HEIGHT = 29, 17
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
waves = [127 + 90 * np.sin(x / (2 + c) + y / (3 - c)) + random.integers(-30, 30, (HEIGHT, WIDTH)) for c in range(3)]
rgb = Image.fromarray(np.clip(np.stack(waves, 2), 0, 255).astype(np.uint8))
alpha = Image.fromarray(random.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8))
rgba = rgb.copy()
rgba.putalpha(alpha)


def raw_png(name, depth, color_type, row_bytes, interlaced=0):
    """A PNG of a kind that Pillow does not write, with random pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + random.bytes(row_bytes) for _ in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color_type, 0, 0, interlaced)
    with open(name, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


rgb.save("rgb.png")
rgb.convert("L").save("grey.png")
rgb.convert("1").save("bilevel.png")
rgb.quantize(13).save("palette.png", transparency=3)
rgba.save("rgb_alpha.png")
rgba.convert("LA").save("grey_alpha.png")
raw_png("grey_2bit.png", 2, 0, (WIDTH + 3) // 4)
raw_png("rgb_16bit.png", 16, 2, WIDTH * 6)
rgb.save("subsampled.jpg", quality=80, subsampling=2)
rgb.save("progressive.jpg", quality=80, progressive=True)
rgb.convert("L").save("grey.jpg")
rgb.convert("CMYK").save("cmyk.jpg")
names = ["rgb.png", "grey.png", "bilevel.png", "palette.png", "rgb_alpha.png", "grey_alpha.png", "grey_2bit.png",
         "rgb_16bit.png", "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"]
for name in names:
    np.save(name + ".npy", np.asarray(Image.open(name).convert("RGB")).astype(np.float32))


def preprocess(image, height, width, crop_pct, resample):
    scale_width, scale_height = math.floor(width / crop_pct), math.floor(height / crop_pct)
    w, h = image.size
    if scale_width == scale_height:
        new_w, new_h = (scale_width, int(scale_width * h / w)) if w <= h else (int(scale_width * w / h), scale_width)
    else:
        ratio = min(h / scale_height, w / scale_width)
        new_w, new_h = round(w / ratio), round(h / ratio)
    image = image.resize((new_w, h), resample).resize((new_w, new_h), resample)
    left, top = round((new_w - width) / 2), round((new_h - height) / 2)
    if new_w < width:
        left = -((width - new_w) // 2)
    if new_h < height:
        top = -((height - new_h) // 2)
    return np.asarray(image.crop((left, top, left + width, top + height))).transpose(2, 0, 1).astype(np.float32) / np.float32(255)


tall = Image.open("rgb.png").transpose(Image.Transpose.ROTATE_90)
tall.save("tall.png")
np.save("preprocess_shrunk.npy", preprocess(rgb, 8, 8, 0.875, Image.BICUBIC))
np.save("preprocess_grown.npy", preprocess(rgb, 32, 32, 0.9, Image.BICUBIC))
np.save("preprocess_bilinear.npy", preprocess(rgb, 12, 12, 1.0, Image.BILINEAR))
np.save("preprocess_tall.npy", preprocess(tall, 10, 10, 0.95, Image.BICUBIC))
np.save("preprocess_oblong.npy", preprocess(rgb, 10, 14, 0.9, Image.BICUBIC))
np.save("preprocess_padded.npy", preprocess(rgb, 16, 16, 1.25, Image.BILINEAR))
