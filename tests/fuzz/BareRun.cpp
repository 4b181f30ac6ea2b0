//===- BareRun.cpp - A module on the least that its ABI promises ----------===//

#include "tests/fuzz/ModuleRunner.h"

#include "tests/fuzz/GuardedArray.h"

#include "llvm/ADT/STLExtras.h"

#include <list>

using namespace oriel;
using namespace oriel::fuzz;

namespace {

/// Memory of a run, and what it reports.
class BareCall {
public:
  BareCall(const oriel_variant &variant, llvm::ArrayRef<float> parameters, int32_t batch);

  void addInput(const Tensor &tensor, int32_t elementType);
  void addOutput(const std::vector<int64_t> &shape);
  llvm::Error run();
  std::vector<Tensor> takeResults(llvm::ArrayRef<std::vector<int64_t>> shapes) const;

private:
  static constexpr int32_t workerCount = 3;

  static int32_t runLoop(void *, int32_t count, oriel_task_fn task, void *arg);
  static size_t floatsOf(uint64_t bytes);

  const oriel_variant &variant;
  std::list<GuardedArray> arrays;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  std::vector<GuardedArray *> outputArrays;
  std::string error;
  alignas(64) oriel_worker workers[workerCount] = {};
  oriel_call call = {};
};

} // namespace

/// The last task first: no task may need another one of its loop.
int32_t BareCall::runLoop(void *, int32_t count, oriel_task_fn task, void *arg) {
  int32_t result = 0;
  for (int32_t i = count - 1; i >= 0 && result == 0; --i) {
    result = task(arg, i, i % workerCount);
  }
  return result;
}

/// Whole lines: the workspace is aligned to them.
size_t BareCall::floatsOf(uint64_t bytes) {
  return (bytes + ORIEL_WORKSPACE_ALIGNMENT - 1) / ORIEL_WORKSPACE_ALIGNMENT *
         (ORIEL_WORKSPACE_ALIGNMENT / sizeof(float));
}

BareCall::BareCall(const oriel_variant &variant, llvm::ArrayRef<float> parameters, int32_t batch)
    : variant(variant) {
  call.struct_size = sizeof(call);
  call.batch = batch;
  GuardedArray &block = arrays.emplace_back(floatsOf(parameters.size() * sizeof(float)));
  std::copy(parameters.begin(), parameters.end(), block.data());
  block.makeReadOnly();
  call.parameters = block.data();
  uint64_t arenaBytes =
      variant.arena_fixed_bytes + static_cast<uint64_t>(batch) * variant.arena_bytes_per_item;
  call.arena = arrays.emplace_back(floatsOf(arenaBytes)).data();
  call.workers = workers;
  call.worker_count = workerCount;
  call.parallel_for = runLoop;
  call.error_sink = this;
  call.report_error = [](void *sink, const char *message) {
    static_cast<BareCall *>(sink)->error = message;
  };
  call.overflow_scratch = [](void *sink, uint64_t bytes) -> void * {
    auto *self = static_cast<BareCall *>(sink);
    self->error = "a kernel needs more scratch than the module says";
    return self->arrays.emplace_back(floatsOf(bytes)).data();
  };
  for (oriel_worker &worker : workers) {
    worker.call = &call;
    // A line behind it is readable.
    worker.scratch = reinterpret_cast<uint8_t *>(
        arrays.emplace_back(floatsOf(variant.scratch_bytes_per_worker) + 16).data());
    worker.scratch_size = variant.scratch_bytes_per_worker;
    worker.index = static_cast<int32_t>(&worker - workers);
  }
}

void BareCall::addInput(const Tensor &tensor, int32_t elementType) {
  inputs.push_back(arrays.emplace_back(tensor, elementType).data());
}

void BareCall::addOutput(const std::vector<int64_t> &shape) {
  outputArrays.push_back(&arrays.emplace_back(countElements(shape)));
  outputs.push_back(outputArrays.back()->data());
}

llvm::Error BareCall::run() {
  int32_t code = variant.prepare_workspace ? variant.prepare_workspace(&call) : 0;
  call.inputs = inputs.data();
  call.outputs = outputs.data();
  code = code == 0 ? variant.run(&call) : code;
  if (code != 0 || !error.empty()) {
    return llvm::createStringError("the bare run fails: " + error);
  }
  bool isIntact =
      llvm::all_of(outputArrays, [](const GuardedArray *array) { return array->frontIsIntact(); });
  return isIntact ? llvm::Error::success()
                  : llvm::createStringError("the module writes in front of an output");
}

std::vector<Tensor> BareCall::takeResults(llvm::ArrayRef<std::vector<int64_t>> shapes) const {
  std::vector<Tensor> results;
  for (auto [shape, array] : llvm::zip_equal(shapes, outputArrays)) {
    results.push_back(Tensor::zeros(shape));
    std::copy_n(array->data(), results.back().values.size(), results.back().values.begin());
  }
  return results;
}

llvm::Expected<std::vector<Tensor>>
LoadedModule::runBare(llvm::ArrayRef<Tensor> inputs,
                      llvm::ArrayRef<std::vector<int64_t>> resultShapes, int32_t batch) const {
  const oriel_variant *variant = oriel_module_variant(module.get(), batch);
  if (!variant) {
    return llvm::createStringError("no variant for the batch");
  }
  BareCall call(*variant, parameters, batch);
  for (auto [index, input] : llvm::enumerate(inputs)) {
    call.addInput(input, inputType(index));
  }
  for (const std::vector<int64_t> &shape : resultShapes) {
    call.addOutput(shape);
  }
  if (llvm::Error failure = call.run()) {
    return std::move(failure);
  }
  return call.takeResults(resultShapes);
}
