#!/usr/bin/env bash
# tools/tidy.sh [BASE]: clang-tidy on the C++ files changed since BASE (the merge base with origin/main, or the commit before).
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-$(git merge-base HEAD origin/main 2>/dev/null || true)}
if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
  base=$(git rev-parse -q --verify HEAD~1) || { echo "clang-tidy skipped: no earlier commit to compare with"; exit 0; }
fi

mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- '*.cpp')
if [ ${#files[@]} -eq 0 ]; then
  echo "clang-tidy: no C++ file changed since ${base:0:10}"
  exit 0
fi
tools/build.sh release
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy-22 --quiet --warnings-as-errors='*' -p build/release 2> >(grep -v 'warnings generated' >&2)
echo "clang-tidy: ${#files[@]} files clean"
