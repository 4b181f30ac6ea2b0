#!/usr/bin/env bash
# tools/build.sh [PRESET] [TARGET...]: sets up, configures and builds. Prints the compiler's complaints only, unless on a terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true

tools/setup.sh
export PATH=$PWD/.venv/bin:$PATH
build=build/$preset

# Ninja reconfigures by itself for changed CMake files; the presets it does not know.
if [ ! "$build/.configured" -nt CMakePresets.json ]; then
  echo "configuring $preset"
  cmake --preset "$preset" >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
  touch "$build/.configured"
fi
if [ -t 1 ]; then
  ninja -C "$build" "$@"
else
  ninja -C "$build" --quiet "$@" | sed '/^ninja: no work to do\.$/d'
fi
