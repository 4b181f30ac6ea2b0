#!/usr/bin/env python3
"""Checks the PTX of models' kernels: of every kernel of --target cuda.

  check_ptx.py --bin build/release/bin [--precision f16] MODEL[,KEY=VALUE...]...

Each is for sm_80 or later and calls no function that only NVIDIA's libraries have (__nv_expf); where ptxas is at hand, it assembles
each for its device without a register spilled. Prints a line a model; exits 1 after a failure.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def findings_of(path, ptxas):
    text = path.read_text()
    target = re.search(r"^\.target sm_(\d+)", text, re.MULTILINE)
    if target is None or int(target[1]) < 80:
        return [f"{path.name}: is for {target[0] if target else 'no device'}"]
    findings = [f"{path.name}: calls {name}" for name in set(re.findall(r"__nv_\w+", text))]
    if ".entry" not in text:
        findings.append(f"{path.name}: has no entry")
    if ptxas:
        done = subprocess.run([ptxas, f"-arch=sm_{target[1]}", "-v", str(path), "-o", "/dev/null"], capture_output=True, text=True)
        if done.returncode != 0:
            findings.append(f"{path.name}: ptxas: {done.stderr.strip().splitlines()[0]}")
        for stores, loads in re.findall(r"(\d+) bytes spill stores, (\d+) bytes spill loads", done.stderr):
            if int(stores) or int(loads):
                findings.append(f"{path.name}: spills {stores} bytes, loads {loads}")
        if done.returncode == 0 and "spill stores" not in done.stderr:
            findings.append(f"{path.name}: ptxas says nothing of spills")
    return findings


def check_model(bin_dir, precision, model, ptxas):
    name, *settings = model.split(",")
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([f"{bin_dir}/oriel-compile", name, "--weights=random:1", *[f"--set={setting}" for setting in settings], "--target=cuda",
                        f"--precision={precision}", f"--dump-ir={scratch}/ir", "-o", f"{scratch}/module.so"], check=True, stdout=subprocess.DEVNULL)
        files = sorted(pathlib.Path(scratch, "ir/kernels").glob("*.ptx"))
        if not files:
            return ["no kernel has PTX"], 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return [finding for each in pool.map(lambda path: findings_of(path, ptxas), files) for finding in each], len(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--precision", default="f32")
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    ptxas = shutil.which("ptxas")
    if ptxas is None:
        print("skipped: no ptxas on this machine, so nothing is assembled (it comes with NVIDIA's CUDA toolkit)")
    failed = 0
    for model in options.models:
        findings, count = check_model(options.bin, options.precision, model, ptxas)
        print(f"{model} {options.precision}: {count} kernels{' assembled' if ptxas else ''}, {len(findings)} findings")
        print("".join(f"  {finding}\n" for finding in findings), end="")
        failed += len(findings)
    return 1 if failed else 0


sys.exit(main())
