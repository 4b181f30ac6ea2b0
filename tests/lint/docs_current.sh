#!/usr/bin/env bash
# docs_current.sh PAGE COMMAND...: the committed page is what the command prints.
set -euo pipefail
page=$1
shift
"$@" | cmp - "$page" || {
  echo "$page is not what its source says; to mend: ninja -C build/release docs"
  exit 1
}
