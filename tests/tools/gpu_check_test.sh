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
expect '^ok: mobilevit_xxs_cifar10: largest difference [0-9.e-]+, allowed 1e-04$'
expect '^time: mobilevit_xxs_cifar10 batch 3: [0-9.]+ ms'
expect '^suite and 1 cases, 0 failed$'
python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); assert [t["batch"] for t in report["times"]] == [1, 3], report
assert all(kernel["ns"] > 0 for kernel in report["profiles"][0]["kernels"]), report' "$scratch/report.json"

# Peers need a device for CUDA; what cannot be imported is told once and fails nothing.
"${check[@]}" --batches 1,2 --peers torch,onnxruntime >"$scratch/output"
expect '^peer torch: skipped: .'
expect '^peer onnxruntime: skipped: .'
expect '^suite and 1 cases, 0 failed$'
[ "$(grep -c '^peer ' "$scratch/output")" = 2 ] || { echo "a missing peer is told more than once" && cat "$scratch/output" && exit 1; }

# The last logit as 1.0.
logits=$scratch/oriel-gpu/cases/mobilevit_xxs_cifar10/logits.npy
truncate -s -4 "$logits"
printf '\0\0\200\77' >>"$logits"
! "${check[@]}" --batches 1 >"$scratch/output" || { echo "wrong logits pass" && exit 1; }
expect '^FAILED: mobilevit_xxs_cifar10: largest difference'

! OCL_ICD_VENDORS=$scratch/none "${check[@]}" >"$scratch/output" || { echo "no device passes" && exit 1; }
expect '^suite of devices: this machine has no device opencl'
expect '^FAILED: mobilevit_xxs_cifar10: .*OpenCL has no device on this machine'
echo "gpu_check: passes what is right, and that alone"
