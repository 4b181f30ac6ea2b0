#!/usr/bin/env python3
"""Compiles the bundled checkpoint and measures its accuracy with oriel-eval and with the documented C++ loop.

  check_accuracy.py --bin build/release/bin --example PROGRAM CHECKPOINT_FOLDER PICTURE_FOLDER

The bundled photographs are all classified right; the pictures of PICTURE_FOLDER as often as PyTorch did with Pillow's
preprocessing (case.json), within two pictures. Exits with 1 after a difference, says so where the folder is not there.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

# Logits that differ in the last places may swap two near-equal classes.
ALLOWED_PICTURES = 2


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: {' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def check(what, found, expected, allowed):
    good = abs(found - expected) <= allowed
    print(f"{'ok' if good else 'FAILED'}: {what} {found}, expected {expected} within {allowed}")
    return good


def check_too_many_classes(options, module, scratch):
    """A folder of 11 classes for a model of 10 that have no names."""
    for name in "abcdefghijk":
        folder = pathlib.Path(scratch) / "eleven" / name
        folder.mkdir(parents=True)
        (folder / "cat.jpg").symlink_to((options.checkpoint / "photos/cat.jpg").resolve())
    done = subprocess.run([options.bin / "oriel-eval", module, f"--data={scratch}/eleven"], capture_output=True, text=True)
    good = done.returncode == 1 and "11 classes (a, b, c, d, e, f, g, h, i, j, k), the model 10 without names" in done.stderr
    print(f"{'ok' if good else 'FAILED'}: refusal of too many classes: {done.stderr.strip()}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--example", required=True)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("pictures", type=pathlib.Path)
    options = parser.parse_args()
    case = json.load(open(options.checkpoint / "case.json"))
    settings = [f"--set={key}={value}" for key, value in case["oriel"]["set"].items()]
    labels = options.checkpoint / "labels.txt"
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        module, nameless = f"{scratch}/named.so", f"{scratch}/nameless.so"
        compile_model = [options.bin / "oriel-compile", case["oriel"]["model"], *settings,
                         f"--weights={options.checkpoint}/weights.safetensors", "--target=x86-64-v3"]
        run(*compile_model, "--batch=8", f"--labels={labels}", "-o", module)
        photos = json.loads(run(options.bin / "oriel-eval", module, f"--data={options.checkpoint}/photos.txt", "--json"))
        good &= check("top-1 of the bundled photographs", photos["top1"], 1, 0)
        run(*compile_model, "-o", nameless)
        good &= check_too_many_classes(options, nameless, scratch)
        if not options.pictures.is_dir():
            print(f"skipped: {options.pictures}: not there")
            return 0 if good else 1
        # Without names the sorted folders are the classes.
        for path in module, nameless:
            report = json.loads(run(options.bin / "oriel-eval", path, f"--data={options.pictures}", "--json"))
            allowed = ALLOWED_PICTURES / report["pictures"] + 1e-9
            good &= check("top-1", report["top1"], case["top1_on_cifar10_test_1000"], allowed)
            good &= check("top-5", report["top5"], case["top5_on_cifar10_test_1000"], allowed)
        found = float(run(options.example, module, options.pictures))
        good &= check("top-1 of the documented loop", found, report["top1"], 1e-6)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
