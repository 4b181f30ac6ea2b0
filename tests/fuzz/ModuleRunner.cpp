//===- ModuleRunner.cpp - Runs a compiled module on guarded memory --------===//

#include "tests/fuzz/ModuleRunner.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <list>
#include <sys/mman.h>

using namespace oriel;
using namespace oriel::fuzz;

static constexpr size_t pageBytes = 4096;

namespace {

/// Elements whose last stands right before a page that faults.
class GuardedArray {
public:
  explicit GuardedArray(size_t count)
      : count(count), bytes((count * sizeof(float) + pageBytes - 1) / pageBytes * pageBytes) {
    mapping = static_cast<char *>(
        mmap(nullptr, bytes + pageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(mapping, bytes, PROT_READ | PROT_WRITE);
    std::fill(reinterpret_cast<float *>(mapping), data() + count, unset());
  }
  ~GuardedArray() { munmap(mapping, bytes + pageBytes); }
  GuardedArray(const GuardedArray &) = delete;
  GuardedArray &operator=(const GuardedArray &) = delete;

  float *data() const { return reinterpret_cast<float *>(mapping + bytes) - count; }
  void makeReadOnly() { mprotect(mapping, bytes, PROT_READ); }

  /// Whether what stands before the elements is as it was.
  bool frontIsIntact() const {
    return std::all_of(reinterpret_cast<float *>(mapping), data(),
                       [](float value) { return std::isnan(value); });
  }

private:
  static float unset() { return std::numeric_limits<float>::quiet_NaN(); }

  size_t count, bytes;
  char *mapping;
};

struct ReleasePool {
  void operator()(oriel_pool *pool) const { oriel_pool_release(pool); }
};
struct ReleaseContext {
  void operator()(oriel_context *context) const { oriel_context_release(context); }
};

} // namespace

static llvm::Error toError(const oriel_error &error) {
  return llvm::createStringError(error.message);
}

llvm::Expected<LoadedModule> LoadedModule::load(const std::string &path) {
  oriel_module *module = nullptr;
  oriel_error error;
  if (oriel_module_load(path.c_str(), nullptr, &module, &error) != ORIEL_OK) {
    return toError(error);
  }
  LoadedModule loaded;
  loaded.module.reset(module);
  return loaded;
}

llvm::Expected<std::vector<std::vector<Tensor>>>
LoadedModule::run(llvm::ArrayRef<Tensor> inputs, llvm::ArrayRef<std::vector<int64_t>> resultShapes,
                  int32_t batch, int32_t threads) const {
  oriel_error error;
  oriel_pool_options poolOptions = {};
  poolOptions.struct_size = sizeof(poolOptions);
  poolOptions.threads = threads;
  oriel_pool *pool = nullptr;
  if (oriel_pool_create(&poolOptions, &pool, &error) != ORIEL_OK) {
    return toError(error);
  }
  std::unique_ptr<oriel_pool, ReleasePool> ownedPool(pool);
  oriel_context_options options = {};
  options.struct_size = sizeof(options);
  options.batch = batch;
  options.threads = threads;
  options.pool = pool;
  oriel_context *context = nullptr;
  if (oriel_context_create(module.get(), &options, &context, &error) != ORIEL_OK) {
    return toError(error);
  }
  std::unique_ptr<oriel_context, ReleaseContext> ownedContext(context);

  std::list<GuardedArray> arrays;
  std::vector<const void *> inputPointers;
  for (const Tensor &input : inputs) {
    GuardedArray &array = arrays.emplace_back(input.values.size());
    std::copy(input.values.begin(), input.values.end(), array.data());
    array.makeReadOnly();
    inputPointers.push_back(array.data());
  }
  std::vector<std::vector<Tensor>> runs(2);
  for (std::vector<Tensor> &results : runs) {
    std::list<GuardedArray> outputs;
    std::vector<void *> outputPointers;
    for (const std::vector<int64_t> &shape : resultShapes) {
      outputPointers.push_back(outputs.emplace_back(countElements(shape)).data());
    }
    if (oriel_context_run(context, inputPointers.data(), outputPointers.data(), &error) !=
        ORIEL_OK) {
      return toError(error);
    }
    for (auto [shape, array] : llvm::zip_equal(resultShapes, outputs)) {
      if (!array.frontIsIntact()) {
        return llvm::createStringError("the module writes in front of an output");
      }
      results.push_back(Tensor::zeros(shape));
      std::copy_n(array.data(), results.back().values.size(), results.back().values.begin());
    }
  }
  return runs;
}
