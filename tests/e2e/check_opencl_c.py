#!/usr/bin/env python3
"""Checks the OpenCL C of models' kernels: of every kernel of --target opencl, in f32 and in f16.

  check_opencl_c.py --bin build/release/bin --clang /usr/lib/llvm-22/bin/clang MODEL[,KEY=VALUE...]...

Each is valid OpenCL C 1.2 with no extension, in f16 with cl_khr_fp16 alone, and computes nothing in half: that is loaded, converted and stored.
Prints a line a model; exits 1 after a failure.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

EXTENSIONS = {"f32": "-all", "f16": "-all,+cl_khr_fp16"}


def findings_of(clang, path, precision):
    findings = []
    done = subprocess.run([clang, "-x", "cl", "-cl-std=CL1.2", "--target=spir64", "-Xclang", "-finclude-default-header", "-Xclang",
                           f"-cl-ext={EXTENSIONS[precision]}", "-fsyntax-only", str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        findings.append(f"{path.name}: {next(line for line in done.stderr.splitlines() if 'error:' in line)}")
    # A value of half is a load's or a conversion's, or one of those in each lane.
    for line in re.findall(r"^ *half\d* _\d+ = .*$", path.read_text(), re.MULTILINE):
        if not re.search(r"= (\(\(__address_space_\w+ half\d* \*\)_\w+\)\[|_\w+\[|vload\d+\(|convert_half\d*\(|\(half\)|_\d+;$)", line):
            findings.append(f"{path.name}: computes in half: {line.strip()}")
    return findings


def check_model(options, precision, model):
    name, *settings = model.split(",")
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([f"{options.bin}/oriel-compile", name, "--weights=random:1", *[f"--set={setting}" for setting in settings], "--target=opencl",
                        f"--precision={precision}", f"--dump-ir={scratch}/ir", "-o", f"{scratch}/module.so"], check=True, stdout=subprocess.DEVNULL)
        files = sorted(pathlib.Path(scratch, "ir/kernels").glob("*.cl"))
        if not files:
            return ["no kernel has a source"], 0
        if precision == "f16" and not any(re.search(r"^ *half\d+ _\d+ = convert_half", path.read_text(), re.MULTILINE) for path in files):
            return ["no kernel stores a vector of half"], len(files)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return [finding for each in pool.map(lambda path: findings_of(options.clang, path, precision), files) for finding in each], len(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--clang", required=True)
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    failed = 0
    for model in options.models:
        for precision in EXTENSIONS:
            findings, count = check_model(options, precision, model)
            print(f"{model} {precision}: {count} kernels, {len(findings)} findings")
            print("".join(f"  {finding}\n" for finding in findings), end="")
            failed += len(findings)
    return 1 if failed else 0


sys.exit(main())
