#!/usr/bin/env python3
"""Trains a timm model on a folder of CIFAR-10 pictures, and writes what oriel-compile needs of it.

  train.py --train cifar10/train --test cifar10/test --out trained [--model mobilevit_xxs] [--size 64] [--epochs 14] [--seed 0]

Both folders have a folder of 32x32 pictures for each class. OUT gets weights.safetensors (timm's names, float32), labels.txt (the
classes in the order of the logits) and preprocessing.json, and the command that compiles them is printed. requirements.txt beside
this file names what it needs.
"""
import argparse
import json
import pathlib

import numpy
import timm
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from timm.data import create_transform

EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp"}
SOURCE_SIZE = 32
PADDING = 4


def list_folder(folder):
    """The class names, sorted, and [(path, class index)]."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    files = [(path, label) for label, name in enumerate(names) for path in sorted((folder / name).rglob("*"))
             if path.suffix.lower() in EXTENSIONS]
    if not files:
        raise SystemExit(f"{folder}: no pictures: it needs a folder for each class")
    return names, files


def read_pixels(files):
    """Pixels as uint8 [n, 3, 32, 32] and labels [n]."""
    pixels = numpy.empty((len(files), SOURCE_SIZE, SOURCE_SIZE, 3), numpy.uint8)
    for index, (path, _) in enumerate(files):
        image = Image.open(path).convert("RGB")
        if image.size != (SOURCE_SIZE, SOURCE_SIZE):
            raise SystemExit(f"{path}: {image.width}x{image.height} instead of {SOURCE_SIZE}x{SOURCE_SIZE}: scale it")
        pixels[index] = numpy.asarray(image)
    labels = torch.tensor([label for _, label in files])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), labels


def augment(pixels, size, mean, std):
    """A batch for training: cropped, flipped, enlarged, lightened or darkened, tinted, normalised."""
    x = F.pad(pixels.float() / 255, (PADDING,) * 4, mode="reflect")
    top, left = torch.randint(0, 2 * PADDING + 1, (2,))
    x = x[:, :, top:top + SOURCE_SIZE, left:left + SOURCE_SIZE]
    x = torch.where((torch.rand(len(x)) < 0.5).view(-1, 1, 1, 1), x.flip(3), x)
    x = F.interpolate(x, size=(size, size), mode="bicubic", align_corners=False).clamp(0, 1)
    brightness = 0.7 + 0.6 * torch.rand(len(x), 1, 1, 1)
    tint = 0.075 * torch.randn(len(x), 3, 1, 1)
    x = (x * brightness + tint).clamp(0, 1)
    return ((x - mean) / std).contiguous(memory_format=torch.channels_last)


def train(model, pixels, labels, options, mean, std):
    """AdamW with a one-cycle rate and label smoothing, in bfloat16 where autocast takes it."""
    steps = max(int(options.epochs * len(pixels) / options.batch), 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps, pct_start=0.2)
    model.train()
    for step in range(steps):
        picked = torch.randint(0, len(pixels), (options.batch,))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(augment(pixels[picked], options.size, mean, std))
        loss = F.cross_entropy(logits.float(), labels[picked], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 25 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)


@torch.inference_mode()
def accuracy(model, files, preprocessing):
    """Top-1 and top-5 with timm's evaluation transform, which compiled modules follow."""
    transform = create_transform(input_size=preprocessing["input_size"], is_training=False, mean=preprocessing["mean"],
                                 std=preprocessing["std"], interpolation=preprocessing["interpolation"],
                                 crop_pct=preprocessing["crop_pct"])
    model.eval()
    right = numpy.zeros(2)
    for begin in range(0, len(files), 200):
        part = files[begin:begin + 200]
        logits = model(torch.stack([transform(Image.open(path).convert("RGB")) for path, _ in part]))
        best = logits.topk(min(5, logits.shape[1])).indices
        hits = best == torch.tensor([label for _, label in part])[:, None]
        right += hits[:, 0].sum().item(), hits.sum().item()
    return right / len(files)


def write_outputs(model, names, preprocessing, options):
    options.out.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    save_file(weights, options.out / "weights.safetensors")
    (options.out / "labels.txt").write_text("".join(f"{name}\n" for name in names))
    (options.out / "preprocessing.json").write_text(json.dumps(preprocessing, indent=1) + "\n")
    values = lambda key: ",".join(str(value) for value in preprocessing[key])
    print(f"oriel-compile {options.model} --weights {options.out}/weights.safetensors --labels {options.out}/labels.txt "
          f"--set image_size={options.size} --set num_classes={len(names)} --set crop_pct={preprocessing['crop_pct']} "
          f"--set mean={values('mean')} --set std={values('std')} --set interpolation={preprocessing['interpolation']} "
          f"-o {options.model}.so")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True, type=pathlib.Path)
    parser.add_argument("--test", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--model", default="mobilevit_xxs")
    parser.add_argument("--size", type=int, default=64, help="pixels of the model's square input")
    parser.add_argument("--epochs", type=float, default=14)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=4e-3, help="peak of the one-cycle learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    names, files = list_folder(options.train)
    test_names, test_files = list_folder(options.test)
    if test_names != names:
        raise SystemExit(f"{options.test} has classes {test_names}, {options.train} has {names}")
    # Swin's patch embedding and positions depend on the size of the image.
    size = {"img_size": options.size} if options.model.startswith("swin") else {}
    model = timm.create_model(options.model, num_classes=len(names), **size).to(memory_format=torch.channels_last)
    config = model.default_cfg
    preprocessing = {"input_size": [3, options.size, options.size], "mean": list(config["mean"]), "std": list(config["std"]),
                     "interpolation": config["interpolation"], "crop_pct": 1.0}
    mean, std = (torch.tensor(preprocessing[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    train(model, *read_pixels(files), options, mean, std)
    top1, top5 = accuracy(model, test_files, preprocessing)
    print(f"top-1 {top1:.4f}, top-5 {top5:.4f} of {len(test_files)} test pictures")
    write_outputs(model, names, preprocessing, options)


if __name__ == "__main__":
    main()
