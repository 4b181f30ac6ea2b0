//===- ShareKernels.cpp - Equal kernels become one ------------------------===//

#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"

#include "llvm/ADT/StringMap.h"

namespace oriel {
#define GEN_PASS_DEF_SHAREKERNELSPASS
#include "compiler/Conversion/Passes.h.inc"
} // namespace oriel

using namespace mlir;
using namespace oriel;

/// A family's name as the prefix of a C identifier: `row_reduction`.
static std::string symbolPrefix(StringRef family) {
  std::string name = family.str();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

namespace {

struct ShareKernelsPass : oriel::impl::ShareKernelsPassBase<ShareKernelsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::StringMap<exec::KernelOp> firsts;
    llvm::StringMap<std::string> replacements;
    llvm::StringMap<int> counts;
    SmallVector<exec::KernelOp> kept;
    for (auto kernel : llvm::make_early_inc_range(module.getOps<exec::KernelOp>())) {
      auto [first, inserted] = firsts.try_emplace(kernel.printStructure(), kernel);
      std::string old = kernel.getSymName().str();
      if (inserted) {
        kept.push_back(kernel);
        std::string family = symbolPrefix(kernel.getFamily());
        replacements[old] = family + "_" + std::to_string(counts[family]++);
      } else {
        replacements[old] = replacements.lookup(first->second.getSymName());
        kernel.erase();
      }
    }
    for (exec::KernelOp kernel : kept) {
      kernel.setSymName(replacements.at(kernel.getSymName()));
    }
    module.walk(
        [&](exec::LaunchOp launch) { launch.setKernel(replacements.at(launch.getKernel())); });
  }
};

} // namespace
