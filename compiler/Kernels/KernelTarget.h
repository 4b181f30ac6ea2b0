//===- KernelTarget.h - What a kernel may use of a CPU --------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELTARGET_H
#define ORIEL_COMPILER_KERNELS_KERNELTARGET_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace oriel {

/// What runs kernels: the processor that runs the program, or a device by its interface.
enum class KernelDevice { Cpu, OpenCl, Cuda };

/// "cpu", "opencl", "cuda".
llvm::StringRef getName(KernelDevice device);

/// How files with a device's sources end: "cl", "ptx".
llvm::StringRef getSourceExtension(KernelDevice device);

/// A level of x86-64 (System V psABI), or a kind of device, and the sizes that schedules are made
/// for. Never the machine that compiles.
struct KernelTarget {
  /// "x86-64-v3", "x86-64-v4", "opencl" or "cuda".
  std::string name;
  /// Whether code may use the instructions of x86-64-v4, not of x86-64-v3 alone. Schedules do not
  /// ask for it.
  bool hasAvx512;
  /// The sizes of schedules: float32 lanes of a vector, vectors that registers hold, caches.
  int64_t vectorWidth;
  int64_t vectorRegisters;
  int64_t l1Bytes, l2Bytes;
  KernelDevice device = KernelDevice::Cpu;

  bool isGpu() const { return device != KernelDevice::Cpu; }

  /// The target of a name, if there is one.
  static std::optional<KernelTarget> get(llvm::StringRef name);

  /// The schedules of x86-64-v4 in the instructions of x86-64-v3: LLVM makes two vectors of each
  /// vector of 16 lanes, and spills. It computes what x86-64-v4 computes, slowly, on a machine that
  /// lacks AVX-512, for tests. Its name is its own.
  static KernelTarget avx512SchedulesInAvx2();
};

/// All that makes kernels of two targets differ, as text.
std::string describeSizes(const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELTARGET_H
