//===- KernelRunner.h - Loads and runs a compiled kernel ------------------===//
//
// For what checks and times kernels one by one: tests, benches and oriel-tune.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELRUNNER_H
#define ORIEL_COMPILER_KERNELS_KERNELRUNNER_H

#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Reference/Tensor.h"
#include "oriel/module_abi.h"

#include <memory>

namespace oriel {

/// Memory as a layout says, filled with not-a-number, behind which a page that faults on access
/// lies. An arena's buffer has its slack before that page, a caller's nothing and only the
/// alignment of its elements.
class KernelBuffer {
public:
  KernelBuffer(const BufferLayout &layout, int64_t batch);
  ~KernelBuffer();
  KernelBuffer(const KernelBuffer &) = delete;
  KernelBuffer &operator=(const KernelBuffer &) = delete;

  /// Copies a tensor of the logical shape into the memory, to float16 as toFloat16 rounds; the halo
  /// becomes zero, and so does the padding of parameters.
  void store(const Tensor &tensor);
  /// Of float32 or float16.
  Tensor load() const;
  /// Whether the halo is zero and nothing stands behind the last element.
  bool bordersAreIntact() const;

  const BufferLayout &getLayout() const { return layout; }
  int64_t getBatch() const { return batch; }
  std::byte *getHost() const { return host; }
  /// From getHost() on, with the slack.
  uint64_t getBytes() const { return hostBytes; }

private:
  template <typename Function>
  void forEach(Function function) const;

  BufferLayout layout;
  int64_t batch;
  void *mapping;
  size_t mappedBytes;
  /// Element `offset` of the memory.
  float read(int64_t offset) const;
  void write(int64_t offset, float value);

  std::byte *host;
  uint64_t hostBytes;
  int64_t elements;
};

/// A thread beside the caller, for the loops of kernels.
class HelperThread;

/// Processor time of the calling thread in seconds: what other work on the machine does not touch.
double threadSeconds();

/// A kernel object linked with the shims of modules and loaded.
class LoadedKernel {
public:
  static llvm::Expected<std::unique_ptr<LoadedKernel>> load(CompiledKernel kernel,
                                                            const std::string &name);
  ~LoadedKernel();

  /// Runs on 1 or 2 threads, or on the device that the kernel is for; returns the error that the
  /// kernel reports, or "". Inputs first, then outputs.
  std::string run(llvm::ArrayRef<KernelBuffer *> buffers, int threads);

  /// Processor time of the last run: on two threads that of its critical path, so the sum over the
  /// parallel loops of the longer half, and what is not parallel.
  double getSeconds() const { return seconds; }

  const CompiledKernel &getCompiled() const { return compiled; }

private:
  LoadedKernel() = default;
  /// Calls the entry with the buffers at these addresses.
  int callAt(llvm::ArrayRef<KernelBuffer *> buffers, llvm::ArrayRef<void *> addresses,
             oriel_worker *worker);

  CompiledKernel compiled;
  double seconds = 0;
  void *library = nullptr;
  void *entry = nullptr;
  std::unique_ptr<HelperThread> helper;
  struct Scratch;
  std::unique_ptr<Scratch> scratch;
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELRUNNER_H
