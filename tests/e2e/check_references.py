#!/usr/bin/env python3
"""Compiles models, runs them, and compares their logits with PyTorch's.

  check_references.py --bin build/release/bin [--batches 1,4] [--threads 1,2] [--targets x86-64-v3,x86-64-v4] CASE_FOLDER...

A case folder holds weights.safetensors, input.npy, logits.npy and case.json, as ../shared/reference does. Logits are made from the
array and from the picture files. Prints a line a configuration and `N passed, N failed, N skipped`; exits 1 after a failure. Targets
that this CPU lacks are skipped, with a word. The target opencl runs on the first OpenCL device, whatever the threads.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

# |logits - PyTorch's|. PyTorch's own float32 logits differ from its float64 logits by up to 1.7e-6 (Swin)
# and 7.2e-6 (MobileViT); ten times that is what another order of summation may cost.
TOLERANCE = {"swin": 2e-5, "mobilevit": 1e-4}
# From the picture files: values of the input may differ by 1/255 from those of another version of Pillow.
TOLERANCE_FROM_FILES = 2e-2
ZOO = {"swin_basic": "swin_basic_224"}


def cpu_runs(target):
    if target == "opencl":
        return True
    flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags")).split()
    needed = {"x86-64-v3": ["avx2", "fma"], "x86-64-v4": ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]}
    return all(flag in flags for flag in needed[target])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{pathlib.Path(command[0]).name} exited with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def compile_case(bin_dir, folder, case, batch, target, output):
    model = case.get("oriel", {}).get("model", ZOO.get(case["case"], case["case"]))
    settings = [f"--set={key}={value}" for key, value in case.get("oriel", {}).get("set", {}).items()]
    run(f"{bin_dir}/oriel-compile", model, f"--weights={folder}/weights.safetensors", f"--batch={batch}",
        f"--target={target}", *settings, "-o", output)


def largest_difference(bin_dir, folder, module, threads, scratch, source):
    run(f"{bin_dir}/oriel-run", module, *source, f"--output={scratch}/logits.npy", f"--threads={threads}")
    logits, expected = numpy.load(f"{scratch}/logits.npy"), numpy.load(f"{folder}/logits.npy")
    if logits.shape != expected.shape:
        raise RuntimeError(f"logits have shape {logits.shape}, expected {expected.shape}")
    return float(numpy.abs(logits.astype(numpy.float64) - expected).max())


def image_files(folder, case):
    """The pictures of a case, in the order of its logits."""
    places = [folder / "photos", folder.parent / "images"]
    return [next(place / name for place in places if (place / name).exists()) for name in case["images"]]


def check_case(options, folder, scratch, counts):
    case = json.load(open(folder / "case.json"))
    tolerance = next(value for family, value in TOLERANCE.items() if case["case"].startswith(family))
    for target in options.targets:
        if not cpu_runs(target):
            print(f"skipped: {case['case']} {target}: this processor lacks it")
            counts["skipped"] += 1
            continue
        for batch in options.batches:
            module = f"{scratch}/module.so"
            compile_case(options.bin, folder, case, batch, target, module)
            array = ([f"--input={folder}/input.npy"], "array", tolerance)
            files = (["--image", *image_files(folder, case)], "files", TOLERANCE_FROM_FILES)
            runs = [(threads, *array) for threads in options.threads] + [(options.threads[-1], *files)]
            for threads, source, what, allowed in runs:
                difference = largest_difference(options.bin, folder, module, threads, scratch, source)
                good = difference <= allowed
                counts["passed" if good else "failed"] += 1
                print(f"{'ok' if good else 'FAILED'}: {case['case']} {target} batch {batch} threads {threads} from {what}: "
                      f"largest difference {difference:.1e}, allowed {allowed:.0e}", flush=True)


def main():
    numbers = lambda text: [int(part) for part in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--batches", type=numbers, default=[1, 4])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--targets", type=lambda text: text.split(","), default=["x86-64-v3", "x86-64-v4"])
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for folder in options.cases:
        if not (folder / "case.json").exists():
            print(f"skipped: {folder}: not there")
            counts["skipped"] += 1
            continue
        with tempfile.TemporaryDirectory() as scratch:
            try:
                check_case(options, folder, scratch, counts)
            except RuntimeError as error:
                print(f"FAILED: {folder.name}: {error}")
                counts["failed"] += 1
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
