"""Reports of compilations are what docs/report.schema.json says.

report_schema.py BIN_DIR
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
LINEAR = ROOT / "tests/lit/Tools/Inputs/linear.mlir"
TRANSPOSED = ["mobilevit_xxs", "--weights", str(ROOT / "models/data/mobilevit_xxs_cifar10/weights.safetensors")]
CASES = {
    "every remark of a model": (0, ["swin_tiny_patch4_window7_224", "--compile-to", "fused"]),
    "kernels": (0, [str(LINEAR), "--weights", "random:1", "--target", "x86-64-v3"]),
    "weights of another model": (1, TRANSPOSED),
}


def main():
    schema = json.loads((ROOT / "docs/report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    seen = set()
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ, XDG_CACHE_HOME=scratch)
        for name, (code, arguments) in CASES.items():
            command = [f"{sys.argv[1]}/oriel-compile", *arguments, "--report", f"{scratch}/r.json", "-o", f"{scratch}/out.so"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode != code:
                sys.exit(f"{name}: exit code {done.returncode}, expected {code}: {done.stderr}")
            report = json.loads(Path(f"{scratch}/r.json").read_text())
            for error in validator.iter_errors(report):
                sys.exit(f"{name}: {error.json_path}: {error.message}")
            seen |= {key for key, value in report.items() if value}
    missing = set(schema["properties"]) - seen - {"unexpected_tensors", "diagnostics"}
    if missing:
        sys.exit(f"no case has {', '.join(sorted(missing))}")


main()
