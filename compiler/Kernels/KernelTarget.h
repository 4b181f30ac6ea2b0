//===- KernelTarget.h - What a kernel may use of a CPU --------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELTARGET_H
#define ORIEL_COMPILER_KERNELS_KERNELTARGET_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace oriel {

/// A level of x86-64 (System V psABI) and the sizes that schedules are made for. Never the machine
/// that compiles.
struct KernelTarget {
  /// "x86-64-v3" or "x86-64-v4".
  std::string name;
  /// float32 lanes of a vector register.
  int64_t vectorWidth;
  int64_t vectorRegisters;
  int64_t l1Bytes, l2Bytes;

  bool hasAvx512() const { return vectorWidth == 16; }

  /// The target of a name, if there is one.
  static std::optional<KernelTarget> get(llvm::StringRef name);
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELTARGET_H
