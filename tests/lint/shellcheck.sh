#!/usr/bin/env bash
# Every shell script passes shellcheck.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(git grep -lE '^#!.*\b(ba)?sh$' -- . ':!*.md')
shellcheck "${files[@]}"
echo "shellcheck: ${#files[@]} scripts"
