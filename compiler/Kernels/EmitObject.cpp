//===- EmitObject.cpp - From scheduled Funcs to an object -----------------===//

#include "compiler/Kernels/EmitObject.h"

#include "compiler/Kernels/Assembler.h"
#include "compiler/Kernels/LineFetch.h"
#include "compiler/Target/KernelShims.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace oriel;
using Halide::OutputFileType, Halide::Target;

/// With `usesHalf` OpenCL C may name the type half, which not every device knows.
static Target halideTarget(const KernelTarget &target, bool usesHalf) {
  if (target.isGpu()) {
    // The code that launches runs on any processor of the architecture.
    Target result(
        Target::Linux, Target::X86, 64,
        {Target::NoRuntime, Target::UserContext, Target::NoAsserts, Target::NoBoundsQuery});
    if (target.device == KernelDevice::Cuda) {
      // Ampere, the oldest that the runtime takes.
      return result.with_feature(Target::CUDA).with_feature(Target::CUDACapability80);
    }
    result.set_feature(Target::OpenCL);
    result.set_feature(Target::CLHalf, usesHalf);
    return result;
  }
  std::vector<Target::Feature> features = {
      Target::SSE41,     Target::AVX,         Target::AVX2,      Target::F16C,         Target::FMA,
      Target::NoRuntime, Target::UserContext, Target::NoAsserts, Target::NoBoundsQuery};
  if (target.hasAvx512) {
    features.insert(features.end(), {Target::AVX512, Target::AVX512_Skylake});
  }
  return Target(Target::Linux, Target::X86, 64, features);
}

namespace {

/// Largest sum of blocks from halide_malloc that are live at once in one function, taking each
/// block to live as long as its scope.
class ScratchSize : public Halide::Internal::IRVisitor {
public:
  int64_t largest = 0;
  std::string unbounded;

private:
  using IRVisitor::visit;

  void visit(const Halide::Internal::Allocate *allocate) override {
    int64_t bytes = blockBytes(*allocate);
    live += bytes;
    largest = std::max(largest, live);
    IRVisitor::visit(allocate);
    live -= bytes;
  }

  int64_t blockBytes(const Halide::Internal::Allocate &allocate) {
    using Halide::MemoryType;
    int64_t elements = allocate.constant_allocation_size();
    int64_t bytes = elements * allocate.type.bytes();
    bool onStack =
        allocate.memory_type == MemoryType::Stack || allocate.memory_type == MemoryType::Register;
    // Halide/Halide:src/CodeGen_Internal.cpp, can_allocation_fit_on_stack: small blocks of type
    // Auto go on the stack. They are counted all the same.
    if (onStack && elements > 0) {
      return 0;
    }
    if (elements == 0) {
      unbounded = allocate.name;
    }
    // Halide/Halide:src/CodeGen_Posix.cpp pads blocks by up to a vector.
    return static_cast<int64_t>(oriel_scratch_block_bytes(static_cast<uint64_t>(bytes) + 128));
  }

  int64_t live = 0;
};

/// The text of a device's kernels, which the function that launches them holds as a buffer.
class DeviceSource : public Halide::Internal::IRVisitor {
public:
  std::string text;

private:
  using IRVisitor::visit;

  void visit(const Halide::Internal::Variable *variable) override {
    if (variable->image.defined() &&
        variable->name.find("_gpu_source_kernels") != std::string::npos) {
      text.assign(static_cast<const char *>(variable->image.data()),
                  variable->image.number_of_elements());
      // NUL-terminated.
      text.resize(strnlen(text.data(), text.size()));
    }
  }
};

/// An anonymous file that Halide can write by path and that is gone when this is.
class MemoryFile {
public:
  MemoryFile() : descriptor(memfd_create("kernel", MFD_CLOEXEC)) {}
  ~MemoryFile() { close(descriptor); }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }

private:
  int descriptor;
};

} // namespace

static llvm::Expected<int64_t> scratchBytes(const Halide::Module &module) {
  // Tasks run on the worker that called the parallel loop, too: its own blocks come on top.
  int64_t total = 0, largestTask = 0;
  for (const Halide::Internal::LoweredFunc &function : module.functions()) {
    ScratchSize size;
    function.body.accept(&size);
    if (!size.unbounded.empty()) {
      return llvm::createStringError("kernel compiler: the size of '" + size.unbounded +
                                     "' depends on the batch");
    }
    if (function.name == module.name()) {
      total += size.largest;
    } else {
      largestTask = std::max(largestTask, size.largest);
    }
  }
  return total + largestTask;
}

static llvm::Expected<std::string> compileTo(OutputFileType type, const Halide::Module &module) {
  MemoryFile file;
  module.compile({{type, file.path()}});
  auto contents = llvm::MemoryBuffer::getFile(file.path());
  if (!contents) {
    return llvm::createStringError("kernel compiler: cannot read the code of " + module.name());
  }
  return (*contents)->getBuffer().str();
}

static llvm::Expected<std::string> compilePrefetching(const Halide::Module &module) {
  auto assembly = compileTo(OutputFileType::assembly, module);
  if (!assembly) {
    return assembly.takeError();
  }
  return assemble(keepPrefetched(std::move(*assembly)));
}

llvm::Expected<CompiledKernel> oriel::emitObject(const std::vector<Halide::Func> &outputs,
                                                 const std::vector<Halide::ImageParam> &parameters,
                                                 const std::string &name,
                                                 const KernelTarget &target,
                                                 const Prefetches &prefetches) {
  std::vector<Halide::Argument> arguments(parameters.begin(), parameters.end());
  auto isHalf = [](const auto &buffer) { return buffer.type() == Halide::Float(16); };
  bool usesHalf = llvm::any_of(parameters, isHalf) || llvm::any_of(outputs, isHalf);
  Halide::Pipeline pipeline(outputs);
  if (prefetches.panels) {
    addPrefetch(pipeline, *prefetches.panels);
  }
  for (const TaskPrefetch &task : prefetches.tasks) {
    addPrefetch(pipeline, task);
  }
  Halide::Module module = pipeline.compile_to_module(
      arguments, name, halideTarget(target, usesHalf), Halide::LinkageType::External);

  CompiledKernel kernel;
  auto scratch = scratchBytes(module);
  if (!scratch) {
    return scratch.takeError();
  }
  kernel.scratchBytes = *scratch;
  std::ostringstream statement;
  statement << module;
  kernel.statement = statement.str();

  DeviceSource source;
  for (const Halide::Internal::LoweredFunc &function : module.functions()) {
    function.body.accept(&source);
  }
  kernel.deviceSource = source.text;

  auto object =
      prefetches.isEmpty() ? compileTo(OutputFileType::object, module) : compilePrefetching(module);
  if (!object) {
    return object.takeError();
  }
  kernel.object = std::move(*object);
  return kernel;
}
