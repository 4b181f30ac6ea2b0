//===- KernelTarget.cpp - What a kernel may use of a CPU ------------------===//

#include "compiler/Kernels/KernelTarget.h"

#include "llvm/Support/FormatVariadic.h"

using namespace oriel;

// Caches of the smallest common core of each level: AMD Zen 2/3 and Intel Skylake-SP.
std::optional<KernelTarget> KernelTarget::get(llvm::StringRef name) {
  if (name == "x86-64-v3") {
    return KernelTarget{name.str(), false, 8, 16, 32 << 10, 512 << 10};
  }
  if (name == "x86-64-v4") {
    return KernelTarget{name.str(), true, 16, 32, 32 << 10, 1 << 20};
  }
  for (KernelDevice device : {KernelDevice::OpenCl, KernelDevice::Cuda}) {
    // Threads are scalar to their source. The first "cache" is the memory that a block shares, of
    // which OpenCL 1.2 and CUDA without opting in for more both promise 32 KiB and more.
    if (name == getName(device)) {
      return KernelTarget{name.str(), false, 1, 255, 32 << 10, 4 << 20, device};
    }
  }
  return std::nullopt;
}

llvm::StringRef oriel::getName(KernelDevice device) {
  switch (device) {
  case KernelDevice::Cpu:
    return "cpu";
  case KernelDevice::OpenCl:
    return "opencl";
  case KernelDevice::Cuda:
    return "cuda";
  }
  llvm_unreachable("unknown device");
}

llvm::StringRef oriel::getSourceExtension(KernelDevice device) {
  return device == KernelDevice::Cuda ? "ptx" : "cl";
}

std::string oriel::describeSizes(const KernelTarget &target) {
  // Without the name. Another field must be added here before this compiles again.
  const auto &[name, hasAvx512, vectorWidth, vectorRegisters, l1Bytes, l2Bytes, device] = target;
  std::string text = llvm::formatv("{0} {1} {2} {3} {4}", hasAvx512, vectorWidth, vectorRegisters,
                                   l1Bytes, l2Bytes);
  return target.isGpu() ? getName(device).str() + " " + text : text;
}

KernelTarget KernelTarget::avx512SchedulesInAvx2() {
  KernelTarget target = *get("x86-64-v4");
  target.name = "x86-64-v4-in-x86-64-v3";
  target.hasAvx512 = false;
  return target;
}
