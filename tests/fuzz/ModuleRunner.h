//===- ModuleRunner.h - Runs a compiled module on guarded memory ----------===//
#ifndef ORIEL_TESTS_FUZZ_MODULERUNNER_H
#define ORIEL_TESTS_FUZZ_MODULERUNNER_H

#include "compiler/Reference/Tensor.h"
#include "oriel/runtime.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace oriel::fuzz {

class LoadedModule {
public:
  static llvm::Expected<LoadedModule> load(const std::string &path);

  /// The results of two runs, one after the other, in one context on a pool of its own. Inputs are
  /// read-only, and a page that faults follows each input and output. Fails where the module does,
  /// and where it writes in front of an output. `slice` is as oriel_context_options has it.
  llvm::Expected<std::vector<std::vector<Tensor>>>
  run(llvm::ArrayRef<Tensor> inputs, llvm::ArrayRef<std::vector<int64_t>> resultShapes,
      int32_t batch, int32_t threads, int32_t slice) const;

  /// The results of one run without the runtime, as the module's ABI allows it and no more: arena
  /// and scratch are not-a-number at first, pages that fault follow them and the parameters; tasks
  /// of a loop run from the last to the first, on three workers in turn.
  llvm::Expected<std::vector<Tensor>> runBare(llvm::ArrayRef<Tensor> inputs,
                                              llvm::ArrayRef<std::vector<int64_t>> resultShapes,
                                              int32_t batch) const;

private:
  /// ORIEL_ELEMENT_*. Of pixels the tensors hold whole numbers, which the module gets as bytes.
  int32_t inputType(size_t index) const {
    return oriel_module_describe(module.get())->signature->inputs[index].element_type;
  }

  struct Release {
    void operator()(oriel_module *module) const { oriel_module_release(module); }
  };
  std::unique_ptr<oriel_module, Release> module;
  std::vector<float> parameters;
};

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_MODULERUNNER_H
