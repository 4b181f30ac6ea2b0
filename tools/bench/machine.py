"""What a measurement was made on."""

import json
import os
import pathlib
import platform
import subprocess


def cpu_field(name):
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.split(":")[0].strip() == name:
            return line.split(":", 1)[1].strip()
    return "unknown"


def cache_sizes():
    """{"L1d": "32K", ...} of the first processor."""
    sizes = {}
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            sizes[f"L{level}" + ("d" if kind == "Data" else "")] = size
    return sizes


def describe_machine():
    flags = cpu_field("flags").split()
    return {
        "cpu": f"{cpu_field('model name')} (family {cpu_field('cpu family')}, model {cpu_field('model')})",
        "processors": os.cpu_count(),
        "vectors": "AVX-512" if "avx512f" in flags else "AVX2",
        "bf16": "AMX" if "amx_bf16" in flags else "AVX-512" if "avx512_bf16" in flags else "none",
        "caches": cache_sizes(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"Linux {platform.release()}",
    }


def measure_peaks(build, threads):
    """GFLOP/s of multiply-adds in float32 by number of threads, or {} where the build folder has no kernel-bench."""
    program = build / "bin" / "kernel-bench"
    if not program.exists():
        return {}
    done = subprocess.run([program, "--peaks", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        return {}
    peak = json.loads(done.stdout)["fma_gflops"]
    return {str(count): peak * count for count in threads}
