#!/usr/bin/env bash
# tools/demo.sh: one line a photograph, in the form that README.md shows; the cat is called a cat.
set -euo pipefail
cd "$(dirname "$0")/../.."
output=$(tools/demo.sh)
echo "$output"
photographs=$(find models/data/mobilevit_xxs_cifar10/photos -type f | wc -l)
lines=$(grep -cE '^\S+\.(jpg|png): [a-z]+ [0-9.]+ ?%, [a-z]+ [0-9.]+ ?%, [a-z]+ [0-9.]+ ?%$' <<<"$output")
[ "$lines" = "$photographs" ] || { echo "$lines lines for $photographs photographs"; exit 1; }
grep -qE 'cat_chelsea.png: cat ' <<<"$output"
test -f build/demo/mobilevit_xxs_cifar10.so
compgen -G 'build/demo/ir/*.mlir' >/dev/null
test -f build/demo/ir/index.html
