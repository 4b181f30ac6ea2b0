#!/usr/bin/env bash
# tools/fuzz_images.sh [COUNT] [FIRST_SEED]: decodes COUNT (100000 unless told) damaged JPEG, PNG and WebP files under the address
# sanitizer. None may crash, leak, or hold more memory than ImageLimits says. After a crash, build/fuzz/image is the file that did it.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-100000}
first=${2:-1}

tools/build.sh asan fuzz-images
mkdir -p build/fuzz
# The current file is kept in memory while the run goes well.
current=$(mktemp -p /dev/shm oriel-fuzz-image.XXXXXX)
trap 'rm -f "$current"' EXIT
if ! nice build/asan/bin/fuzz-images --count "$count" --first-seed "$first" --current "$current" \
  tests/data/images/*.{png,jpg,webp} models/data/*/photos/*; then
  cp "$current" build/fuzz/image
  echo "the file is build/fuzz/image"
  exit 1
fi
