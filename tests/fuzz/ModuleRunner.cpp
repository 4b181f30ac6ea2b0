//===- ModuleRunner.cpp - Runs a compiled module on guarded memory --------===//

#include "tests/fuzz/ModuleRunner.h"

#include "runtime/format/ModuleNote.h"
#include "tests/fuzz/GuardedArray.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <fcntl.h>
#include <list>
#include <unistd.h>

using namespace oriel;
using namespace oriel::fuzz;

namespace {

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

/// The parameter block of a module file that has been loaded, so is well-formed.
static llvm::Expected<std::vector<float>> readParameters(const std::string &path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  NoteLocation location{};
  oriel_module_note note{};
  bool isRead = file >= 0 && !locateModuleNote(file, lseek(file, 0, SEEK_END), location) &&
                readFully(file, location.offset, &note, sizeof(note));
  std::vector<float> parameters(note.parameter_size / sizeof(float));
  isRead = isRead && readFully(file, note.parameter_offset, parameters.data(), note.parameter_size);
  close(file);
  if (!isRead) {
    return llvm::createStringError("cannot read " + path);
  }
  return parameters;
}

llvm::Expected<LoadedModule> LoadedModule::load(const std::string &path) {
  oriel_module *module = nullptr;
  oriel_error error;
  if (oriel_module_load(path.c_str(), nullptr, &module, &error) != ORIEL_OK) {
    return toError(error);
  }
  LoadedModule loaded;
  loaded.module.reset(module);
  auto parameters = readParameters(path);
  if (!parameters) {
    return parameters.takeError();
  }
  loaded.parameters = std::move(*parameters);
  return loaded;
}

llvm::Expected<std::vector<std::vector<Tensor>>>
LoadedModule::run(llvm::ArrayRef<Tensor> inputs, llvm::ArrayRef<std::vector<int64_t>> resultShapes,
                  int32_t batch, int32_t threads, int32_t slice) const {
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
  options.slice = slice;
  options.pool = pool;
  oriel_context *context = nullptr;
  if (oriel_context_create(module.get(), &options, &context, &error) != ORIEL_OK) {
    return toError(error);
  }
  std::unique_ptr<oriel_context, ReleaseContext> ownedContext(context);

  std::list<GuardedArray> arrays;
  std::vector<const void *> inputPointers;
  for (auto [index, input] : llvm::enumerate(inputs)) {
    inputPointers.push_back(arrays.emplace_back(input, inputType(index)).data());
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
