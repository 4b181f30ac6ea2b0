//===- KernelJobs.cpp - All kernels of a module as objects ----------------===//

#include "compiler/Pipeline/KernelJobs.h"

#include "compiler/Conversion/Passes.h"
#include "compiler/Pipeline/KernelBytes.h"
#include "compiler/Target/KernelProcessPool.h"
#include "compiler/Target/RenameSymbols.h"

using namespace mlir;
using namespace oriel;

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

ScheduleParameters oriel::chooseNothing(exec::KernelOp, const KernelTarget &) { return {}; }

/// The layer of the first launch of each kernel.
static llvm::StringMap<std::string> layersOf(ModuleOp module) {
  llvm::StringMap<std::string> layers;
  module.walk([&](exec::LaunchOp launch) {
    layers.try_emplace(launch.getKernel(), getLayerName(launch.getLoc()).str());
  });
  return layers;
}

/// The kernel in `bytes` under its name in a module.
static llvm::Expected<NamedKernel> nameKernel(StringRef name, StringRef layer,
                                              const KernelRequest &request, StringRef bytes) {
  NamedKernel kernel{name.str(), layer.str(), deserializeKernel(bytes), ""};
  kernel.ignored = describeIgnored(request.parameters, kernel.compiled.choices);
  auto object =
      renameSymbols(kernel.compiled.object, kernelSymbol, variantSymbol(name, request.target.name));
  if (!object) {
    return object.takeError();
  }
  kernel.compiled.object = std::move(*object);
  return kernel;
}

namespace {
/// A kernel for a target on its way.
struct PendingKernel {
  exec::KernelOp kernel;
  KernelRequest request;
  KernelCache::Key key;
  /// Serialized; empty while it is not there.
  std::string bytes;
};
} // namespace

/// Makes the kernels that are not there yet.
static llvm::Error makeMissing(std::vector<PendingKernel> &work,
                               const llvm::StringMap<std::string> &layers,
                               const KernelJobOptions &options) {
  std::vector<KernelJob> missing;
  std::vector<PendingKernel *> places;
  for (PendingKernel &item : work) {
    if (!item.bytes.empty()) {
      continue;
    }
    std::string name = item.kernel.getSymName().str();
    auto compile = [&item]() -> llvm::Expected<std::string> {
      auto compiled = compileKernel(item.request);
      if (!compiled) {
        return compiled.takeError();
      }
      return serializeKernel(*compiled);
    };
    auto finished = [&](StringRef bytes) { options.cache.store(item.key, bytes); };
    missing.push_back({name, layers.lookup(name), compile, finished});
    places.push_back(&item);
  }
  size_t present = work.size() - missing.size();
  auto results =
      runKernelJobs(missing, static_cast<unsigned>(options.jobs), [&](size_t done, size_t total) {
        options.progress(static_cast<int>(present + done), static_cast<int>(present + total));
      });
  if (!results) {
    return results.takeError();
  }
  for (auto [place, bytes] : llvm::zip_equal(places, *results)) {
    place->bytes = std::move(bytes);
  }
  return llvm::Error::success();
}

llvm::Expected<ModuleKernels>
oriel::compileKernels(ModuleOp module, const KernelJobOptions &options, std::string &details) {
  std::vector<PendingKernel> work;
  ModuleKernels result;
  std::string compiler = compilerIdentity();
  for (const KernelTarget &target : options.targets) {
    for (auto kernel : module.getOps<exec::KernelOp>()) {
      KernelRequest request = makeKernelRequest(kernel, target);
      request.parameters = options.schedule(kernel, target);
      KernelCache::Key key = makeKernelKey(kernel, target, request.parameters, compiler);
      std::string bytes = options.cache.find(key).value_or("");
      result.cachedCount += bytes.empty() ? 0 : 1;
      work.push_back({kernel, std::move(request), key, std::move(bytes)});
    }
  }
  llvm::StringMap<std::string> layers = layersOf(module);
  llvm::Error error = makeMissing(work, layers, options);
  options.cache.trim();
  if (error) {
    return llvm::handleErrors(std::move(error), [&](const KernelJobError &failure) {
      details = failure.output;
      return llvm::createStringError(failure.message);
    });
  }
  for (PendingKernel &item : work) {
    if (result.lists.empty() ||
        result.lists.back().size() == work.size() / options.targets.size()) {
      result.lists.emplace_back();
    }
    StringRef name = item.kernel.getSymName();
    auto kernel = nameKernel(name, layers.lookup(name), item.request, item.bytes);
    if (!kernel) {
      return kernel.takeError();
    }
    result.lists.back().push_back(std::move(*kernel));
  }
  return result;
}
