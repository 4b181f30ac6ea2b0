#!/usr/bin/env python3
"""Makes kernels of compiled models wrong, one at a time, and sees that oriel-compare names the layer of each.

  check_compare.py --bin build/release/bin [CASE_FOLDER]

For each model: all launches are good; then for the kernels of the first and the last launch, and for one of each family, with
that kernel perturbed the first bad row is that of the kernel's first launch, and nothing before it is bad. Then the same model as in
CASE_FOLDER (../shared/reference/mobilevit_xxs) against its reference activations: all are good, and with one weight of a stage changed
that stage is the first that is not.
"""
import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy

MODELS = {
    "mobilevit": ["mobilevit_xs", "--set=image_size=64", "--set=num_classes=10", "--weights=random:3", "--input=random:4"],
    "swin, two images": ["swin_tiny_patch4_window7_224", "--set=image_size=56", "--set=embed_dim=32", "--set=depths=2,2", "--set=num_heads=2,4",
                         "--set=num_classes=10", "--batch=2", "--weights=random:3", "--input=random:4"],
}


class Comparison:
    def __init__(self, bin_dir, folder, arguments):
        report = folder / "report.json"
        done = subprocess.run([f"{bin_dir}/oriel-compare", *arguments, f"--json={report}"], capture_output=True, text=True)
        if done.returncode not in (0, 1) or not report.exists():
            sys.exit(f"oriel-compare {' '.join(arguments)}: {done.returncode}: {done.stderr}")
        self.code, self.error, self.report = done.returncode, done.stderr, json.loads(report.read_text())
        report.unlink()

    @property
    def rows(self):
        return self.report["rows"]


def kernels_to_perturb(rows):
    """The first kernel of each family, and those of the first and last launch."""
    families = {row["kernel"].rsplit("_", 1)[0]: row["kernel"] for row in reversed(rows)}
    return sorted({rows[0]["kernel"], rows[-1]["kernel"], *families.values()})


def check_perturbed(bin_dir, folder, arguments, rows, kernel):
    first = next(row for row in rows if row["kernel"] == kernel)
    found = Comparison(bin_dir, folder, [*arguments, f"--perturb-kernel={kernel}"])
    bad = found.rows[-1]
    assert found.code == 1 and not found.report["good"], f"{kernel}: not found"
    assert found.report["first_bad"] == len(found.rows) - 1 == rows.index(first), f"{kernel}: row {found.report['first_bad']}"
    assert (bad["launch"], bad["layer"], bad["kernel"]) == (first["launch"], first["layer"], kernel), f"{kernel}: {bad['layer']}"
    assert all(row["verdict"] == "ok" for row in found.rows[:-1]), f"{kernel}: bad before"
    assert found.error.count("\n") == 1 and first["layer"] in found.error and kernel in found.error, found.error
    print(f"  {kernel}: {found.error.strip()}")


def with_changed_tensor(path, output, name):
    """The safetensors file with the tensor `name` (float32) half as large."""
    data = path.read_bytes()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    first, last = (begin + offset for offset in json.loads(data[8:begin])[name]["data_offsets"])
    changed = (numpy.frombuffer(data[first:last], "<f4") / 2).tobytes()
    output.write_bytes(data[:first] + changed + data[last:])
    return output


def check_references(bin_dir, folder, case):
    if not (case / "stages.safetensors").exists():
        print(f"skipped: {case}: not there")
        return
    arguments = [case.name, f"--input={case}/input.npy", f"--reference={case}/stages.safetensors"]
    good = Comparison(bin_dir, folder, [*arguments, f"--weights={case}/weights.safetensors"])
    assert good.code == 0 and len(good.rows) == 7 and not good.report["not_compared"], good.error
    for tensor, stage in [("stem.conv.weight", "stem"), ("stages.2.1.transformer.1.mlp.fc1.weight", "stages.2"),
                          ("stages.4.1.conv_fusion.bn.bias", "stages.4"), ("final_conv.bn.weight", "final_conv")]:
        weights = with_changed_tensor(case / "weights.safetensors", folder / "changed.safetensors", tensor)
        found = Comparison(bin_dir, folder, [*arguments, f"--weights={weights}"])
        assert found.code == 1 and found.rows[-1]["layer"] == stage, f"{tensor}: {found.error}"
        assert found.error.count("\n") == 1 and f"'{stage}'" in found.error, found.error
        print(f"  {tensor}: {found.error.strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("case", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    bin_dir = options.bin
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, arguments in MODELS.items():
            good = Comparison(bin_dir, folder, arguments)
            print(f"{name}: {len(good.rows)} values, all good: {good.report['good']}", flush=True)
            assert good.code == 0 and good.report["good"], good.error
            for kernel in kernels_to_perturb(good.rows):
                check_perturbed(bin_dir, folder, arguments, good.rows, kernel)
        if options.case:
            check_references(bin_dir, folder, options.case)


main()
