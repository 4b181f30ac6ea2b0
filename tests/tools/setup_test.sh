#!/usr/bin/env bash
# tools/setup.sh: silent where all is there; one line that says what is missing where it cannot install.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/tools" "$scratch/bin"
cp tools/setup.sh tools/requirements.txt "$scratch/tools"

# stub NAME BODY: a command of that name that comes first in the PATH.
stub() {
  printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# expect NAME PATTERN: setup.sh fails with exactly one line on stderr, which matches.
expect() {
  if PATH=$scratch/bin:$PATH "$scratch/tools/setup.sh" >/dev/null 2>"$scratch/error"; then
    echo "$1: did not fail"
    exit 1
  fi
  if [ "$(wc -l <"$scratch/error")" != 1 ] || ! grep -qE "$2" "$scratch/error"; then
    echo "$1: printed"
    cat "$scratch/error"
    exit 1
  fi
  echo "$1: ok"
}

[ -z "$(tools/setup.sh 2>&1)" ]
echo "nothing to do: ok"

stub dpkg-query 'exit 1'
stub id 'echo 1000'
expect "without root" '^tools/setup.sh: not root, .*apt-get install clang-22 .*zlib1g-dev$'

stub id 'echo 0'
stub apt-get 'exit 100'
expect "without a network" '^tools/setup.sh: apt-get could not install \(see build/setup.log\): clang-22 '

rm "$scratch/bin/dpkg-query"
stub python3 'mkdir -p .venv/bin && printf "#!/bin/sh\nexit 1\n" >.venv/bin/pip && chmod +x .venv/bin/pip'
expect "without a package index" '^tools/setup.sh: pip could not install \(see build/setup.log\): .*halide==21.0.0'
