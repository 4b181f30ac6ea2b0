#!/usr/bin/env bash
# tools/demo.sh: sets up, builds, compiles the bundled MobileViT-XXS to a shared library and runs it on the bundled photographs.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build.sh release oriel-compile oriel-run oriel-info oriel-bench oriel-opt

bin=build/release/bin
data=models/data/mobilevit_xxs_cifar10
out=build/demo
model=$out/mobilevit_xxs_cifar10.so
mkdir -p "$out"

# A newer compiler or newer weights make a new module; the same ones would make the same bytes.
if [ ! "$model" -nt "$bin/oriel-compile" ] || [ ! "$model" -nt "$data/weights.safetensors" ]; then
  rm -rf "$out/ir"
  "$bin/oriel-compile" mobilevit_xxs --set image_size=64 --set num_classes=10 --set crop_pct=1.0 \
    --weights "$data/weights.safetensors" -o "$model" --dump-ir="$out/ir"
fi
"$bin/oriel-run" "$model" --image "$data"/photos/* --labels "$data/labels.txt" --top 3

cat <<TXT

the compiled model    $model
its IR, pass by pass  $out/ir/index.html (open it in a browser)
try next
  $bin/oriel-run $model --image your.jpg --labels $data/labels.txt
  $bin/oriel-info $model
  $bin/oriel-bench $model
  $bin/oriel-compile --list-models
TXT
