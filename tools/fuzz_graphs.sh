#!/usr/bin/env bash
# tools/fuzz_graphs.sh [COUNT] [FIRST_SEED]: checks COUNT (2000 unless told) random graphs: interpreter, passes and compiled
# kernels must agree. What differs is shrunk to build/fuzz/graph-SEED.mlir. Seeds that a run with the same build has found
# well are not checked again, so an interrupted run goes on where it was.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-2000}
first=${2:-1}
workers=$(nproc)

tools/build.sh release fuzz-graphs
fuzz=build/release/bin/fuzz-graphs
mkdir -p build/fuzz
well=build/fuzz/$(cat "$fuzz" build/release/lib/liboriel_runtime.so | sha256sum | cut -c1-16).seeds
touch "$well"

# A part of the seeds for each processor.
for ((worker = 0; worker < workers; ++worker)); do
  begin=$((first + count * worker / workers))
  end=$((first + count * (worker + 1) / workers))
  if [ "$begin" -lt "$end" ]; then
    nice "$fuzz" --count $((end - begin)) --first-seed "$begin" --out build/fuzz --log "$well" &
  fi
done
wait

mapfile -t failed < <(comm -23 <(seq "$first" $((first + count - 1)) | sort) <(sort "$well") | sort -n)
echo "in all $count graphs, ${#failed[@]} failed${failed[*]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
