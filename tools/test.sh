#!/usr/bin/env bash
# tools/test.sh [PRESET] [CTEST ARGUMENT...]: sets up, builds (release unless told) and runs every test but the wide sweeps.
#   tools/test.sh                   everything
#   tools/test.sh release -L lit    one kind: unit, lit, e2e or lint
#   tools/test.sh asan              everything under the sanitizers
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true

tools/build.sh "$preset"
# Halide compiles on a stack of its own, which the sanitizers take for an overflow.
[ "$preset" = asan ] && export HL_COMPILER_STACK_SIZE=0

start=$SECONDS
if .venv/bin/ctest --test-dir "build/$preset" -j"$(nproc)" --output-on-failure --no-tests=error \
  -LE '^sweep$' "$@"; then
  echo "every test passed ($preset, $((SECONDS - start)) s)"
else
  echo "some tests failed ($preset, $((SECONDS - start)) s)"
  exit 1
fi
