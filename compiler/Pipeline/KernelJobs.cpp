//===- KernelJobs.cpp - All kernels of a module as objects ----------------===//

#include "compiler/Pipeline/KernelJobs.h"

#include "compiler/Conversion/Passes.h"
#include "compiler/Target/KernelProcessPool.h"
#include "compiler/Target/RenameSymbols.h"

using namespace mlir;
using namespace oriel;

/// A compiled kernel as bytes: scratch size, then each text with its length before it.
static std::string serialize(const CompiledKernel &kernel) {
  std::string bytes;
  auto append = [&](uint64_t value) {
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(value));
  };
  append(static_cast<uint64_t>(kernel.scratchBytes));
  for (const std::string *text : {&kernel.object, &kernel.statement, &kernel.schedule}) {
    append(text->size());
    bytes += *text;
  }
  return bytes;
}

static CompiledKernel deserialize(StringRef bytes) {
  auto take = [&] {
    uint64_t value = 0;
    memcpy(&value, bytes.data(), sizeof(value));
    bytes = bytes.drop_front(sizeof(value));
    return value;
  };
  CompiledKernel kernel;
  kernel.scratchBytes = static_cast<int64_t>(take());
  for (std::string *text : {&kernel.object, &kernel.statement, &kernel.schedule}) {
    uint64_t size = take();
    *text = bytes.take_front(size).str();
    bytes = bytes.drop_front(size);
  }
  return kernel;
}

static constexpr StringLiteral kernelSymbol = "kernel";

KernelRequest oriel::makeKernelRequest(exec::KernelOp kernel, const KernelTarget &target) {
  KernelRequest request;
  request.op = kernel.getComputation();
  for (exec::BufferType type : kernel.getInputBuffers()) {
    request.inputs.push_back(type.getLayout());
  }
  for (exec::BufferType type : kernel.getOutputBuffers()) {
    request.outputs.push_back(type.getLayout());
  }
  request.name = kernelSymbol.str();
  request.target = target;
  return request;
}

/// The layer of the first launch of each kernel.
static llvm::StringMap<std::string> layersOf(ModuleOp module) {
  llvm::StringMap<std::string> layers;
  module.walk([&](exec::LaunchOp launch) {
    layers.try_emplace(launch.getKernel(), getLayerName(launch.getLoc()).str());
  });
  return layers;
}

/// The kernel in `bytes` under its name in a module.
static llvm::Expected<NamedKernel> nameKernel(StringRef name, const KernelTarget &target,
                                              StringRef bytes) {
  NamedKernel kernel{name.str(), deserialize(bytes)};
  auto object =
      renameSymbols(kernel.compiled.object, kernelSymbol, variantSymbol(name, target.name));
  if (!object) {
    return object.takeError();
  }
  kernel.compiled.object = std::move(*object);
  return kernel;
}

llvm::Expected<std::vector<TargetKernels>>
oriel::compileKernels(ModuleOp module, ArrayRef<KernelTarget> targets, int jobs,
                      const std::function<void(int, int)> &progress, std::string &details) {
  llvm::StringMap<std::string> layers = layersOf(module);
  std::vector<KernelJob> work;
  for (const KernelTarget &target : targets) {
    for (auto kernel : module.getOps<exec::KernelOp>()) {
      std::string name = kernel.getSymName().str();
      work.push_back(
          {name, layers.lookup(name),
           [request = makeKernelRequest(kernel, target)]() -> llvm::Expected<std::string> {
             auto compiled = compileKernel(request);
             if (!compiled) {
               return compiled.takeError();
             }
             return serialize(*compiled);
           }});
    }
  }
  auto results = runKernelJobs(work, static_cast<unsigned>(jobs), progress);
  if (!results) {
    return llvm::handleErrors(results.takeError(), [&](const KernelJobError &error) {
      details = error.output;
      return llvm::createStringError(error.message);
    });
  }
  std::vector<TargetKernels> kernels(targets.size());
  size_t perTarget = targets.empty() ? 0 : work.size() / targets.size();
  for (auto [index, bytes] : llvm::enumerate(*results)) {
    size_t target = index / perTarget;
    auto kernel = nameKernel(work[index].kernel, targets[target], bytes);
    if (!kernel) {
      return kernel.takeError();
    }
    kernels[target].push_back(std::move(*kernel));
  }
  return kernels;
}
