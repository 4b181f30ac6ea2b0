#!/usr/bin/env bash
# What tools/gpu_pack.sh packs passes tools/gpu_check.sh away from here; other logits do not, nor does a machine without a device.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_CACHE_HOME=$scratch/cache

expect() {
  grep -qE "$1" "$scratch/output" || { echo "expected '$1' in:" && cat "$scratch/output" && exit 1; }
}

"$root/tools/gpu_pack.sh" "$scratch/pack.tar.xz" "$root/models/data/mobilevit_xxs_cifar10"
tar -C "$scratch" -xf "$scratch/pack.tar.xz"
check=(env -C / "$scratch/oriel-gpu/gpu_check.sh" --batches "1,3" --secs 0.1)

"${check[@]}" --json "$scratch/report.json" >"$scratch/output"
expect '^suite of devices: ok$'
expect '^ok: mobilevit_xxs_cifar10 f32: largest difference [0-9.e-]+, allowed 1e-04$'
expect '^kernel: mobilevit_xxs_cifar10 f32 [a-z0-9_]+: [0-9.]+ ms a run, [0-9]+ % of its limit, [0-9]+ launches, layer [a-z]'
expect '^time: mobilevit_xxs_cifar10 f32 batch 3: [0-9.]+ ms'
expect '^case +precision +batch +oriel ms +oriel images/s$'
expect '^mobilevit_xxs_cifar10 +f32 +3 +[0-9.]+ +[0-9]+$'
# PoCL 3.1 has no f16.
expect '^(ok: mobilevit_xxs_cifar10 f16: cosine 0.999|skipped: mobilevit_xxs_cifar10 f16: .* has no cl_khr_fp16)'
expect '^suite and [12] cases, 0 failed$'
python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); assert [t["batch"] for t in report["times"]][:2] == [1, 3], report
profile = report["profiles"][0]
assert all(kernel["ns"] > 0 and kernel["limit_ns"] > 0 and kernel["limit_share"] > 0 for kernel in profile["kernels"]), profile
assert profile["peaks"]["gflop_s"] > 0 and [reading["bytes"] for reading in profile["peaks"]["read"]] == [4 << 20, 256 << 20], profile["peaks"]' "$scratch/report.json"

# A module in f16 comes from the one in f32: rounded to the nearest, ties to even, and what is not there as it is.
PYTHONPATH=$root/tools python3 - "$scratch" <<'PROGRAM'
import half_delta, pathlib, random, struct, sys
draws, folder = random.Random(3), pathlib.Path(sys.argv[1])
full = [draws.gauss(0, 1) for _ in range(5000)]
full[100:103] = [1 + 2**-11, 1 + 3 * 2**-11, 2**-25]
data = struct.pack("<5000f", *full)
rounded = struct.pack("<5000e", *struct.unpack("<5000f", data))
assert struct.unpack_from("<3e", rounded, 200) == (1, 1 + 2**-9, 0)
(folder / "full").write_bytes(struct.pack("<2f", 1e30, float("nan")) + bytes(56) + data)
for wanted, most in ((b"code" * 16 + rounded[3200:] + b"other".ljust(16) + rounded[:3200] + b"end", 150), (b"x" * 4001, 5000), (b"", 4)):
    (folder / "half").write_bytes(wanted)
    delta = half_delta.make(folder / "full", folder / "half")
    assert half_delta.apply(folder / "full", delta) == wanted
    assert len(delta) <= most, len(delta)
PROGRAM

# Peers need a device for CUDA; what cannot be imported is told once and fails nothing.
"${check[@]}" --batches 1,2 --peers torch,onnxruntime >"$scratch/output"
expect '^peer torch: skipped: .'
expect '^peer onnxruntime: skipped: .'
expect '^suite and [12] cases, 0 failed$'
[ "$(grep -c '^peer ' "$scratch/output")" = 2 ] || { echo "a missing peer is told more than once" && cat "$scratch/output" && exit 1; }

# The last logit as 1.0.
logits=$scratch/oriel-gpu/cases/mobilevit_xxs_cifar10/logits.npy
truncate -s -4 "$logits"
printf '\0\0\200\77' >>"$logits"
! "${check[@]}" --batches 1 >"$scratch/output" || { echo "wrong logits pass" && exit 1; }
expect '^FAILED: mobilevit_xxs_cifar10 f32: largest difference'

# What is held to be near enough in f16, without a device that has it: two images of three classes.
PYTHONPATH=$root/tools python3 -c 'import gpu_check
wanted = [1.0, 8.0, -2.0, 4.0, 0.5, 4.05]
assert gpu_check.compare_half(wanted, wanted, 3)["ok"]
# The first two of the second image lie within the margin.
assert gpu_check.compare_half([1.01, 7.99, -2.01, 4.05, 0.51, 4.0], wanted, 3)["ok"]
assert gpu_check.compare_half([1.0, 8.0, -2.0, 4.0, 1.0, 4.05], wanted, 3)["cosine"] < 0.999
assert not gpu_check.compare_half([1.0, 8.0, -2.0, 4.0, 1.0, 4.05], wanted, 3)["ok"]
assert not gpu_check.compare_half([1.0, 8.0, -2.0, float("nan"), 0.5, 4.05], wanted, 3)["ok"]
near = [1.0] * 998 + [1.0, 1.1]
assert gpu_check.compare_half(near[::-1], near, 1000)["cosine"] > 0.999
assert gpu_check.compare_half(near[::-1], near, 1000)["other_first"] == 1'

# The table of all times, with a peer that was there for one batch.
PYTHONPATH=$root/tools python3 -c 'import gpu_check
own = [{"case": "swin", "precision": "f16", "batch": batch, "median_ms": 2.0 * batch} for batch in (1, 8)]
gpu_check.print_table({"times": own, "peers": [{**own[1], "peer": "torch", "median_ms": 32.0}, 
    {"case": "swin", "precision": "f16", "batch": 1, "peer": "torch", "failed": "no memory"}]})' >"$scratch/output"
expect '^case +precision +batch +oriel ms +oriel images/s +torch ms +torch images/s$'
expect '^swin +f16 +1 +2\.000 +500 +- +-$'
expect '^swin +f16 +8 +16\.000 +500 +32\.000 +250$'

! OCL_ICD_VENDORS=$scratch/none "${check[@]}" >"$scratch/output" || { echo "no device passes" && exit 1; }
expect '^suite of devices: this machine has no device opencl'
expect '^FAILED: mobilevit_xxs_cifar10 f16: .*OpenCL has no device on this machine'
echo "gpu_check: passes what is right, and that alone"
