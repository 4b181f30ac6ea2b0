#!/usr/bin/env bash
# Every C and C++ file is as clang-format leaves it. To mend: git ls-files '*.cpp' '*.h' '*.c' | xargs clang-format-22 -i
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.cpp' '*.h' '*.c' | xargs ls -d 2>/dev/null)
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 16 clang-format-22 --dry-run -Werror
echo "clang-format: ${#files[@]} files"
