"""Checks and times packed modules on a device: the work of gpu_check.sh, which says how to call it.

First the suite that every device passes, then each case's logits against its own, in f32 and in f16, then milliseconds a run at each batch, beside
PyTorch's and ONNX Runtime's where they can be imported (gpu_peers.py). What the device has no f16 for is skipped with a word. Prints a line for each,
and all times again as a table; exits 1 after a failure. Nothing but Python's own library.
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
import time

import half_delta

# |logits - PyTorch's|, as tests/e2e/check_references.py has them.
TOLERANCE = {"swin": 2e-5, "mobilevit": 1e-4}
# Of f16, for each image. Logits nearer to each other than this part of the largest may change places: a hundred launches round by 2^-11 each,
# which adds up to 2^-11 times the root of 100, times 4.
LEAST_COSINE = 0.999
MARGIN = 0.02
MODULES = {"f32": "module.so", "f16": "module.f16.so"}
# How many kernels are printed; the JSON has all.
SLOWEST = 5
ZOO = {"swin_basic": "swin_basic_224"}


def unpack(folder):
    """Makes a case's module in f16, which is packed as what it adds to the one in f32."""
    module = folder / MODULES["f16"]
    if not module.exists():
        part = module.with_suffix(".part")
        part.write_bytes(half_delta.apply(folder / MODULES["f32"], module.with_suffix(".delta").read_bytes()))
        part.rename(module)


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


def compare_full(name, logits, wanted):
    tolerance = next(value for family, value in TOLERANCE.items() if name.startswith(family))
    differences = [abs(a - b) for a, b in zip(logits, wanted)]
    largest = math.inf if any(map(math.isnan, differences)) else max(differences)
    return {"largest_difference": largest, "allowed": tolerance, "ok": largest <= tolerance,
            "text": f"largest difference {largest:.1e}, allowed {tolerance:.0e}"}


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def compare_half(logits, wanted, classes):
    """The least cosine of an image, and how many of those with a margin between their largest logits have another first."""
    least, others = 1.0, 0
    for begin in range(0, len(wanted), classes):
        a, b = logits[begin : begin + classes], wanted[begin : begin + classes]
        cosine = dot(a, b) / (math.sqrt(dot(a, a) * dot(b, b)) or math.nan)
        # Written so that not a number counts.
        least = cosine if not cosine >= least else least
        first, second = sorted(b)[-1:-3:-1]
        has_margin = first - second > MARGIN * max(map(abs, b))
        others += has_margin and max(range(classes), key=a.__getitem__) != b.index(first)
    return {"cosine": least, "allowed": LEAST_COSINE, "other_first": others, "ok": least >= LEAST_COSINE and others == 0,
            "text": f"cosine {least:.6f}, allowed {LEAST_COSINE}, another class first in {others}"}


def check_case(options, folder, precision, scratch):
    output = scratch / "logits.npy"
    run([options.pack / "bin/oriel-run", folder / MODULES[precision], "--device", options.device, "--input", folder / "input.npy", "--output", output])
    (shape, logits), (wanted_shape, wanted) = read_npy(output), read_npy(folder / "logits.npy")
    if shape != wanted_shape:
        result = {"ok": False, "text": f"logits of {shape}, not of {wanted_shape}"}
    elif precision == "f16":
        result = compare_half(logits, wanted, int(shape.strip("()").split(",")[1]))
    else:
        result = compare_full(folder.name, logits, wanted)
    return {"case": folder.name, "precision": precision, **result}


def time_case(options, folder, precision, batch):
    text = run([options.pack / "bin/oriel-bench", folder / MODULES[precision], "--variant", options.device, "--batch", batch, "--secs", options.secs, "--json"])
    times = json.loads(text)
    return {"case": folder.name, "precision": precision, "batch": batch, "median_ms": times["median_ms"], "images_per_s": 1000 * batch / times["median_ms"]}


def profile_case(options, folder, precision, scratch):
    """Time, GFLOP/s, GB/s and limit of each kernel; every launch is waited for, so that sums are above a run's time."""
    path = scratch / "profile.json"
    run([options.pack / "bin/oriel-run", folder / MODULES[precision], "--device", options.device, "--input", folder / "input.npy", "--repeat", "20",
         f"--profile={path}"])
    profile = json.loads(path.read_text())
    return {"case": folder.name, "precision": precision, "runs": len(profile["runs"]), **{key: profile[key] for key in ("batch", "peaks", "kernels")}}


def print_slowest(profile):
    if "missing" in profile["peaks"]:
        print(f"kernels: {profile['peaks']['missing']}", flush=True)
    for kernel in profile["kernels"][:SLOWEST]:
        milliseconds = kernel["ns"] / profile["runs"] * 1e-6
        limit = f"{100 * kernel['limit_share']:.0f} % of its limit, " if "limit_share" in kernel else ""
        others = f" and {len(kernel['layers']) - 1} more" if len(kernel["layers"]) > 1 else ""
        print(f"kernel: {profile['case']} {profile['precision']} {kernel['name']}: {milliseconds:.3f} ms a run, {limit}"
              f"{kernel['launches']} launches, layer {kernel['layers'][0]}{others}", flush=True)


PEERS = ["torch", "compile", "onnxruntime"]


def time_peers(options, report, folder):
    """Each peer that can be imported, in a process of its own; why one cannot is told once."""
    for peer in [peer for peer in options.peers if peer not in report["missing_peers"]]:
        for precision in MODULES:
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


def print_table(report):
    """Milliseconds a run and images a second, Oriel's and each peer's, a row for each case, precision and batch."""
    measured = {("oriel", t["case"], t["precision"], t["batch"]): t for t in report["times"]}
    measured.update({(p["peer"], p["case"], p["precision"], p["batch"]): p for p in report["peers"] if "median_ms" in p})
    if not report["times"]:
        return
    names = ["oriel", *dict.fromkeys(p["peer"] for p in report["peers"])]
    rows = [["case", "precision", "batch", *(f"{name} {unit}" for name in names for unit in ("ms", "images/s"))]]
    for case, precision, batch in dict.fromkeys(key[1:] for key in measured):
        row = [case, precision, str(batch)]
        for name in names:
            milliseconds = measured.get((name, case, precision, batch), {}).get("median_ms")
            row += [f"{milliseconds:.3f}", f"{1000 * batch / milliseconds:.0f}"] if milliseconds else ["-", "-"]
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]), flush=True)


def describe_machine():
    """The devices and their driver, as NVIDIA's tool says it, where there is one; and the time."""
    try:
        said = run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]).strip().splitlines()
    except (OSError, RuntimeError):
        said = []
    return {"date": time.strftime("%Y-%m-%d %H:%M"), "nvidia": said}


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
        unpack(folder)
        for precision in MODULES:
            failed += not run_case(options, report, folder, precision, scratch)
        time_peers(options, report, folder)
    return failed


def run_case(options, report, folder, precision, scratch):
    """Checks, profiles and times one module; returns whether it is right."""
    try:
        result = check_case(options, folder, precision, scratch)
        report["cases"].append(result)
        print(f"{'ok' if result['ok'] else 'FAILED'}: {folder.name} {precision}: {result['text']}", flush=True)
        report["profiles"].append(profile_case(options, folder, precision, scratch))
        print_slowest(report["profiles"][-1])
        for batch in options.batches:
            report["times"].append(time_case(options, folder, precision, batch))
            print("time: {case} {precision} batch {batch}: {median_ms:.3f} ms, {images_per_s:.1f} images/s".format(**report["times"][-1]), flush=True)
        return result["ok"]
    except RuntimeError as error:
        if precision == "f16" and "has no cl_khr_fp16" in str(error):
            report["skipped"].append({"case": folder.name, "precision": precision, "error": str(error)})
            print(f"skipped: {folder.name} {precision}: {error}", flush=True)
            return True
        report["cases"].append({"case": folder.name, "precision": precision, "ok": False, "error": str(error)})
        print(f"FAILED: {folder.name} {precision}: {error}", flush=True)
        return False


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
    report = {"device": options.device, **describe_machine(), "cases": [], "skipped": [], "times": [], "profiles": [], "peers": [], "missing_peers": {}}
    with tempfile.TemporaryDirectory() as scratch:
        failed = check_all(options, report, pathlib.Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print_table(report)
    print(f"suite and {len(report['cases'])} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
