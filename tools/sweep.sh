#!/usr/bin/env bash
# tools/sweep.sh [CTEST ARGUMENT...]: the wide, slow tests (ctest label "sweep") that tools/test.sh leaves out.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build.sh release
exec .venv/bin/ctest --test-dir build/release --output-on-failure --no-tests=error -L '^sweep$' "$@"
