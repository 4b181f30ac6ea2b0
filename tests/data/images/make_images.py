"""Makes the images here and what Pillow reads from them; needs Pillow, NumPy. Run in this folder.

NAME.npy holds Image.open(NAME).convert("RGB") as float32 [height, width, 3]. preprocess_*.npy holds
the evaluation transform of timm on rgb.png as float32 [3, height, width], before normalisation. Pillow 13
made these: earlier versions resize some shapes in the other direction first.
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


# Adam7: (first row, row step, first column, column step) of each pass.
PASSES = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]


def raw_png(name, depth, color_type, interlaced=0, palette=b""):
    """A PNG of a kind that Pillow does not write, with random pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    rows = b""
    for top, row_step, left, column_step in PASSES if interlaced else [(0, 1, 0, 1)]:
        width = len(range(left, WIDTH, column_step))
        rows += b"".join(b"\0" + random.bytes((width * bits + 7) // 8) for _ in range(top, HEIGHT, row_step))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color_type, 0, 0, interlaced)
    chunks = chunk(b"IHDR", header) + (chunk(b"PLTE", palette) if palette else b"")
    with open(name, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


rgb.save("rgb.png")
rgb.convert("L").save("grey.png")
rgb.convert("1").save("bilevel.png")
rgb.quantize(13).save("palette.png", transparency=3)
rgba.save("rgb_alpha.png")
rgba.convert("LA").save("grey_alpha.png")
raw_png("grey_2bit.png", 2, 0)
raw_png("rgb_16bit.png", 16, 2)
rgb.save("subsampled.jpg", quality=80, subsampling=2)
rgb.save("progressive.jpg", quality=80, progressive=True)
rgb.convert("L").save("grey.jpg")
rgb.convert("CMYK").save("cmyk.jpg")
# Values on both sides of the 255 at which Pillow clips 16-bit grey.
Image.fromarray((np.asarray(rgb.convert("L")).astype(np.uint16) * 2)).save("grey_16bit.png")
raw_png("grey_alpha_16bit.png", 16, 4)
raw_png("rgb_alpha_16bit.png", 16, 6)
raw_png("palette_4bit_short.png", 4, 3, palette=random.bytes(3 * 11))
raw_png("interlaced.png", 8, 2, interlaced=1)
raw_png("interlaced_2bit.png", 2, 0, interlaced=1)
raw_png("interlaced_grey_16bit.png", 16, 0, interlaced=1)
rgb.save("rgb.jpg", quality=80, keep_rgb=True)
exif = Image.Exif()
exif[0x0112] = 6
rgb.save("rotated.jpg", quality=80, exif=exif)
rgb.save("lossy.webp", quality=80)
rgb.save("lossless.webp", lossless=True)
rgba.save("lossy_alpha.webp", quality=80)
rgba.save("lossless_alpha.webp", lossless=True, exact=True)
rgba.save("animated.webp", save_all=True, append_images=[rgba.rotate(180)], duration=50, quality=80)
names = ["rgb.png", "grey.png", "bilevel.png", "palette.png", "rgb_alpha.png", "grey_alpha.png", "grey_2bit.png",
         "rgb_16bit.png", "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "grey_16bit.png",
         "grey_alpha_16bit.png", "rgb_alpha_16bit.png", "palette_4bit_short.png", "interlaced.png", "interlaced_2bit.png",
         "interlaced_grey_16bit.png", "rgb.jpg", "rotated.jpg", "lossy.webp", "lossless.webp", "lossy_alpha.webp",
         "lossless_alpha.webp", "animated.webp"]
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
    image = image.resize((new_w, new_h), resample)
    left, top = round((new_w - width) / 2), round((new_h - height) / 2)
    if new_w < width:
        left = -((width - new_w) // 2)
    if new_h < height:
        top = -((height - new_h) // 2)
    return np.asarray(image.crop((left, top, left + width, top + height))).transpose(2, 0, 1).astype(np.float32) / np.float32(255)


tall = Image.open("rgb.png").transpose(Image.Transpose.ROTATE_90)
tall.save("tall.png")
column = Image.fromarray(random.integers(0, 256, (60, 20, 3), dtype=np.uint8))
column.save("column.png")
np.save("preprocess_shrunk.npy", preprocess(rgb, 8, 8, 0.875, Image.BICUBIC))
np.save("preprocess_grown.npy", preprocess(rgb, 32, 32, 0.9, Image.BICUBIC))
np.save("preprocess_bilinear.npy", preprocess(rgb, 12, 12, 1.0, Image.BILINEAR))
np.save("preprocess_tall.npy", preprocess(tall, 10, 10, 0.95, Image.BICUBIC))
np.save("preprocess_oblong.npy", preprocess(rgb, 10, 14, 0.9, Image.BICUBIC))
np.save("preprocess_padded.npy", preprocess(rgb, 16, 16, 1.25, Image.BILINEAR))
np.save("preprocess_column.npy", preprocess(column, 10, 10, 1.0, Image.BICUBIC))
np.save("preprocess_column_oblong.npy", preprocess(column, 14, 18, 0.95, Image.BILINEAR))
