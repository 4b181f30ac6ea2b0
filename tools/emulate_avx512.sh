#!/usr/bin/env bash
# tools/emulate_avx512.sh [COUNT] [FIRST_SEED]: compiles COUNT (100 unless told) random graphs for x86-64-v4 and runs them on an
# emulated processor with AVX-512: Bochs with Debian's kernel. For machines without AVX-512; elsewhere fuzz_graphs.sh runs more, faster.
# Needs Debian 12 and its package mirror. Emulator and images lie in build/emulator, what the modules said in build/emulator/said.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-100}
first=${2:-1}

# Bochs, its BIOS and the libraries it lacks; a kernel, a shell and a boot loader; what writes the boot image.
packages=(bochs bochsbios vgabios libltdl7 libsamplerate0 busybox-static isolinux syslinux-common xorriso libisoburn1 libburn4
  libisofs6 libjte2)
folder=$PWD/build/emulator
emulator=$folder/packages
libraries=$emulator/usr/lib/x86_64-linux-gnu

fail() {
  echo "tools/emulate_avx512.sh: $*" >&2
  exit 1
}

# Unpacked, not installed: nothing else needs them.
fetch_packages() {
  [ ! -e "$folder/fetched" ] || return 0
  command -v apt-get >/dev/null || fail "needs Debian 12 (no apt-get here)"
  local kernel
  kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p')
  mkdir -p "$folder/archives" "$emulator"
  (cd "$folder/archives" && apt-get download -qq "${packages[@]}" "$kernel") >"$folder/fetch.log" 2>&1 ||
    fail "apt-get could not download (see build/emulator/fetch.log)"
  local archive
  for archive in "$folder"/archives/*.deb; do
    dpkg -x "$archive" "$emulator"
  done
  local lacking
  lacking=$(LD_LIBRARY_PATH=$libraries ldd "$emulator/usr/bin/bochs-bin" | awk '/not found/ { print $1 }')
  [ -z "$lacking" ] || fail "Bochs needs libraries that are not installed: ${lacking//$'\n'/ }"
  touch "$folder/fetched"
}

# The root folder of the emulated machine: a shell, the modules, what runs them. Its first program starts that and stops the machine.
write_root() {
  local root=$folder/root run_modules=build/release/bin/run-modules
  mkdir -p "$root/lib" "$root/lib64"
  cp "$emulator/bin/busybox" "$run_modules" "$root/"
  ldd "$run_modules" | awk '$2 == "=>" { print $3 }' | xargs cp -L -t "$root/lib"
  cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
  cat >"$root/init" <<'INIT'
#!/busybox sh
for folder in proc dev tmp; do /busybox mkdir -p "/$folder"; done
/busybox mount -t proc none /proc
/busybox mount -t devtmpfs none /dev
LD_LIBRARY_PATH=/lib /run-modules /modules >/dev/ttyS0 2>&1
/busybox sleep 2
/busybox poweroff -f
INIT
  chmod +x "$root/init"
}

# Bochs 2.7 and Linux 6.1 disagree on how long the compacted form of XSAVE is; the standard form does.
write_image() {
  local boot=$folder/boot
  mkdir -p "$boot/isolinux"
  cp "$emulator/usr/lib/ISOLINUX/isolinux.bin" "$emulator/usr/lib/syslinux/modules/bios/ldlinux.c32" "$boot/isolinux/"
  cp "$emulator"/boot/vmlinuz-* "$boot/vmlinuz"
  (cd "$folder/root" && find . | ./busybox cpio -o -H newc 2>/dev/null) >"$boot/initrd"
  cat >"$boot/isolinux/isolinux.cfg" <<'BOOT'
default linux
timeout 1
label linux
kernel /vmlinuz
append initrd=/initrd quiet mitigations=off random.trust_cpu=on clearcpuid=xsaves,xsavec
BOOT
  LD_LIBRARY_PATH=$libraries "$emulator/usr/bin/xorrisofs" -quiet -o "$folder/boot.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$boot" 2>"$folder/image.log" ||
    fail "no boot image (see build/emulator/image.log)"
}

emulate() {
  cat >"$folder/bochsrc" <<BOCHS
cpu: model=corei7_skylake_x, count=1, ips=60000000
memory: guest=2048, host=2048
romimage: file=$emulator/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$emulator/usr/share/vgabios/vgabios.bin
boot: cdrom
ata0-master: type=cdrom, path=$folder/boot.iso, status=inserted
com1: enabled=1, mode=file, dev=$folder/said.txt
display_library: rfb, options="timeout=0"
sound: driver=dummy
log: $folder/bochs.log
BOCHS
  rm -f "$folder/said.txt"
  # Debian's Bochs has its debugger built in, which waits to be told to continue. It ends with 1 when the machine is switched off.
  LD_LIBRARY_PATH=$libraries LTDL_LIBRARY_PATH=$libraries/bochs/plugins BXSHARE=$emulator/usr/share/bochs \
    nice "$emulator/usr/bin/bochs-bin" -q -f "$folder/bochsrc" <<<$'c\nquit' >"$folder/debugger.log" 2>&1 || true
}

tools/build.sh release fuzz-graphs run-modules
fetch_packages
rm -rf "$folder/root"
mkdir -p "$folder/root/modules"
nice build/release/bin/fuzz-graphs --count "$count" --first-seed "$first" --target x86-64-v4 --write-modules "$folder/root/modules"
write_root
write_image
emulate
[ -s "$folder/said.txt" ] || fail "the emulated machine said nothing (see build/emulator/bochs.log)"
grep -av ': well' "$folder/said.txt" | grep -av '^\[ '
grep -aq ' modules, 0 failed' "$folder/said.txt"
