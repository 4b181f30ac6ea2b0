#!/usr/bin/env bash
# gpu_check.sh [--device NAME] [--batches 1,8,32,128] [--secs S] [--json FILE]: checks and times what tools/gpu_pack.sh packed, on the
# first CUDA device of this machine, or the first OpenCL device where it has no driver for CUDA. Needs python3 alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec python3 "$here/gpu_check.py" --pack "$here" "$@"
