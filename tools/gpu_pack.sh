#!/usr/bin/env bash
# tools/gpu_pack.sh OUTPUT.tar.xz [CASE_FOLDER...]: packs what tools/gpu_check.sh needs on a machine with a GPU, which needs no build
# there: programs, modules of the cases in f32 and f16 (as in ../shared/reference; without any the bundled checkpoint) with their inputs and logits.
# Modules in f16 go as what they add to those in f32 (half_delta.py). An archive of more than 60 MB is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "tools/gpu_pack.sh: name the archive to write: tools/gpu_pack.sh OUTPUT.tar.xz [CASE_FOLDER...]" >&2; exit 2; }
output=$(realpath -m "$1")
shift
cases=("${@:-models/data/mobilevit_xxs_cifar10}")
most_bytes=60000000
build=build/release
for program in bin/oriel-compile bin/oriel-run bin/oriel-bench lib/liboriel_runtime.so tests/bin/RuntimeDeviceTest; do
  [ -e "$build/$program" ] || { echo "tools/gpu_pack.sh: $build/$program is not there: run tools/build.sh release first" >&2; exit 1; }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pack=$folder/oriel-gpu
mkdir -p "$pack/bin" "$pack/lib"
# The system libraries that decode pictures go along; the C and C++ libraries are those of the machine.
cp "$build"/bin/oriel-{run,bench} "$build/tests/bin/RuntimeDeviceTest" "$pack/bin"
cp "$build/lib/liboriel_runtime.so" "$pack/lib"
ldd "$pack/bin/oriel-run" | awk '/lib(jpeg|png|z|webp|webpdemux|sharpyuv)[0-9.]*[.]so/ {print $3}' | xargs -r cp -L -t "$pack/lib"
cp tools/gpu_check.sh tools/{gpu_check,gpu_peers,half_delta}.py "$pack"
for case in "${cases[@]}"; do
  name=$(basename "$case")
  mkdir -p "$pack/cases/$name"
  cp "$case"/{case.json,input.npy,logits.npy} "$pack/cases/$name"
  mapfile -t model < <(python3 tools/gpu_check.py --model-of "$case")
  compile=("$build/bin/oriel-compile" "${model[@]}" --weights "$case/weights.safetensors")
  "${compile[@]}" --target x86-64-v3,opencl,cuda -o "$pack/cases/$name/module.so"
  "${compile[@]}" --target opencl,cuda --precision f16 -o "$folder/module.f16.so"
  python3 tools/half_delta.py "$pack/cases/$name/module.so" "$folder/module.f16.so" "$pack/cases/$name/module.f16.delta"
done
tar -C "$folder" -cJf "$output" oriel-gpu
bytes=$(stat -c %s "$output")
[ "$bytes" -le "$most_bytes" ] || { echo "tools/gpu_pack.sh: $output has $bytes bytes, more than $most_bytes: pack fewer cases" >&2; exit 1; }
echo "packed ${#cases[@]} cases: $output, $bytes bytes"
echo "on the machine: tar -xf $(basename "$output") && oriel-gpu/gpu_check.sh"
