#!/usr/bin/env bash
# Installs what building and testing need: Debian packages (as root) and the wheels of requirements.txt in .venv.
# Does nothing, and says nothing, where all of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  clang-22 clang-format-22 clang-tidy-22 libclang-rt-22-dev lld-22 liblld-22-dev llvm-22-dev libmlir-22-dev mlir-22-tools
  ninja-build ccache python3-venv shellcheck chromium node-d3 node-googlediff
  libcli11-dev libgmock-dev libgtest-dev libjpeg-dev libpng-dev libstb-dev libwebp-dev libzstd-dev nlohmann-json3-dev ocl-icd-libopencl1
  pocl-opencl-icd zlib1g-dev
)
requirements=tools/requirements.txt
log=build/setup.log

fail() {
  echo "tools/setup.sh: $*" >&2
  exit 1
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  local package
  for package in "${packages[@]}"; do
    grep -qx "installed $package" <<<"$installed" || echo "$package"
  done
}

install_packages() {
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "needs Debian 12 (no apt-get here); missing: ${missing[*]}"
  [ "$(id -u)" = 0 ] || fail "not root, so install these first: apt-get install ${missing[*]}"
  echo "installing ${#missing[@]} Debian packages (log: $log)"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } </dev/null >>"$log" 2>&1 ||
    fail "apt-get could not install (see $log): ${missing[*]}"
}

# The stamp lies in .venv and holds a hash of the requirements.
install_wheels() {
  local stamp=.venv/requirements.sha256
  sha256sum --status --check "$stamp" 2>/dev/null && return 0
  echo "installing the Python wheels in .venv (log: $log)"
  [ -x .venv/bin/pip ] || python3 -m venv .venv >>"$log" 2>&1 || fail "python3 -m venv failed (see $log)"
  .venv/bin/pip install --quiet --disable-pip-version-check -r "$requirements" </dev/null >>"$log" 2>&1 ||
    fail "pip could not install (see $log): $(paste -sd ' ' "$requirements")"
  sha256sum "$requirements" >"$stamp"
}

mkdir -p build
install_packages
install_wheels
