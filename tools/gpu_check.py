"""Checks and times packed modules on a device: the work of gpu_check.sh, which says how to call it.

First the suite that every device passes, then each case's logits against its own, then milliseconds a run at each batch, beside PyTorch's and
ONNX Runtime's where they can be imported (gpu_peers.py). Prints a line for each; exits 1 after a failure. Nothing but Python's own library.
"""

import argparse
import array
import ctypes
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

# |logits - PyTorch's|, as tests/e2e/check_references.py has them.
TOLERANCE = {"swin": 2e-5, "mobilevit": 1e-4}
ZOO = {"swin_basic": "swin_basic_224"}


def model_of(folder):
    """What oriel-compile takes for a case: its model and settings."""
    case = json.loads((folder / "case.json").read_text())
    oriel = case.get("oriel", {})
    settings = [f"--set={key}={value}" for key, value in oriel.get("set", {}).items()]
    return [oriel.get("model", ZOO.get(case["case"], case["case"])), *settings]


def read_npy(path):
    """Shape and values of a float32 array."""
    data = path.read_bytes()
    length = struct.unpack_from("<H", data, 8)[0]
    header = data[10 : 10 + length].decode("latin1")
    if "'<f4'" not in header or data[:6] != b"\x93NUMPY":
        raise RuntimeError(f"{path} is not a float32 array")
    values = array.array("f")
    values.frombytes(data[10 + length :])
    return header[header.index("(") : header.index(")")], values


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise RuntimeError(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout


def check_case(options, folder, scratch):
    name = folder.name
    tolerance = next(value for family, value in TOLERANCE.items() if name.startswith(family))
    output = scratch / "logits.npy"
    run([options.pack / "bin/oriel-run", folder / "module.so", "--device", options.device, "--input", folder / "input.npy", "--output", output])
    (shape, logits), (wanted_shape, wanted) = read_npy(output), read_npy(folder / "logits.npy")
    differences = [abs(a - b) for a, b in zip(logits, wanted)]
    largest = math.inf if shape != wanted_shape or any(map(math.isnan, differences)) else max(differences)
    return {"case": name, "largest_difference": largest, "allowed": tolerance, "ok": largest <= tolerance}


def time_case(options, folder, batch):
    text = run([options.pack / "bin/oriel-bench", folder / "module.so", "--variant", options.device, "--batch", batch, "--secs", options.secs, "--json"])
    times = json.loads(text)
    return {"case": folder.name, "batch": batch, "median_ms": times["median_ms"], "images_per_s": 1000 * batch / times["median_ms"]}


def profile_case(options, folder, scratch):
    """Time, GFLOP/s and GB/s of each kernel; every launch is waited for, so that sums are above a run's time."""
    profile = scratch / "profile.json"
    run([options.pack / "bin/oriel-run", folder / "module.so", "--device", options.device, "--input", folder / "input.npy", "--repeat", "20", f"--profile={profile}"])
    return {"case": folder.name, "kernels": json.loads(profile.read_text())["kernels"]}


PEERS = ["torch", "compile", "onnxruntime"]
PRECISIONS = ["f32", "f16"]


def time_peers(options, report, folder):
    """Each peer that can be imported, in a process of its own; why one cannot is told once."""
    for peer in [peer for peer in options.peers if peer not in report["missing_peers"]]:
        for precision in PRECISIONS:
            for batch in options.batches:
                command = [sys.executable, options.pack / "gpu_peers.py", folder / "case.json", peer, precision, batch, options.secs]
                try:
                    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900)
                    said = (done.stderr.strip() or "nothing").splitlines()[-1]
                except subprocess.TimeoutExpired:
                    done, said = None, "no result after 15 minutes"
                result = {"case": folder.name, "peer": peer, "precision": precision, "batch": batch}
                if done is not None and done.returncode == 3:
                    report["missing_peers"][peer] = said
                    print(f"peer {peer}: skipped: {said}", flush=True)
                    return time_peers(options, report, folder)
                if done is None or done.returncode != 0:
                    result["failed"] = said
                    print(f"peer {peer}: {folder.name} {precision} batch {batch}: failed: {said}", flush=True)
                else:
                    result.update(json.loads(done.stdout.splitlines()[-1]))
                    print(f"peer {peer}: {folder.name} {precision} batch {batch}: {result['median_ms']:.3f} ms", flush=True)
                report["peers"].append(result)


def find_device():
    """CUDA where it has a driver, else OpenCL."""
    try:
        ctypes.CDLL("libcuda.so.1")
        return "cuda"
    except OSError:
        return "opencl"


def check_all(options, report, scratch):
    failed = 0
    try:
        # Brief: a skipped test is told, one that passes is not.
        said = run([options.pack / "bin/RuntimeDeviceTest", "--gtest_brief=1", f"--gtest_filter=*/{options.device}"])
        if "SKIPPED" in said or " 0 tests" in said:
            raise RuntimeError(f"this machine has no device {options.device}: install its driver")
        report["suite"] = "ok"
    except RuntimeError as error:
        report["suite"] = str(error)
        failed += 1
    print(f"suite of devices: {report['suite']}", flush=True)
    for folder in sorted((options.pack / "cases").iterdir()):
        try:
            result = check_case(options, folder, scratch)
            report["cases"].append(result)
            failed += not result["ok"]
            print(f"{'ok' if result['ok'] else 'FAILED'}: {folder.name}: largest difference {result['largest_difference']:.1e}, "
                  f"allowed {result['allowed']:.0e}", flush=True)
            report["profiles"].append(profile_case(options, folder, scratch))
            for batch in options.batches:
                report["times"].append(time_case(options, folder, batch))
                print("time: {case} batch {batch}: {median_ms:.3f} ms, {images_per_s:.1f} images/s".format(**report["times"][-1]), flush=True)
            time_peers(options, report, folder)
        except RuntimeError as error:
            report["cases"].append({"case": folder.name, "ok": False, "error": str(error)})
            print(f"FAILED: {folder.name}: {error}", flush=True)
            failed += 1
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=pathlib.Path)
    parser.add_argument("--model-of", type=pathlib.Path, help="print what oriel-compile takes for a case, a line each, and end")
    parser.add_argument("--device", default=find_device(), help="cuda or opencl (default: %(default)s)")
    parser.add_argument("--batches", type=lambda text: [int(part) for part in text.split(",")], default=[1, 8, 32, 128])
    parser.add_argument("--secs", type=float, default=2.0)
    parser.add_argument("--peers", type=lambda text: [part for part in text.split(",") if part], help="of torch, compile and onnxruntime: which to "
                        "time beside, where they can be imported (default: all on the device cuda, none on another)")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if options.model_of:
        print("\n".join(model_of(options.model_of)))
        return 0
    if options.peers is None:
        options.peers = PEERS if options.device == "cuda" else []
    report = {"device": options.device, "cases": [], "times": [], "profiles": [], "peers": [], "missing_peers": {}}
    with tempfile.TemporaryDirectory() as scratch:
        failed = check_all(options, report, pathlib.Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(f"suite and {len(report['cases'])} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
