//===- CompiledCase.cpp - A model compiled, to run and to interpret -------===//

#include "tools/oriel-compare/CompiledCase.h"

#include "compiler/Conversion/KernelEntry.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace oriel;

void oriel::check(llvm::Error error) {
  if (error) {
    throw ToolError(firstLine(toString(std::move(error))));
  }
}

static void perturbKernel(ModuleOp module, const std::string &name) {
  if (auto kernel = module.lookupSymbol<exec::KernelOp>(name)) {
    kernel.getComputation()->setAttr(perturbedAttribute, UnitAttr::get(module.getContext()));
    return;
  }
  auto names = llvm::map_to_vector(module.getOps<exec::KernelOp>(),
                                   [](exec::KernelOp kernel) { return kernel.getSymName(); });
  throw ToolError("there is no kernel '" + name + "' to perturb: name one of " +
                  llvm::join(names, ", "));
}

void oriel::lowerCase(ModuleOp module, const CaseOptions &options) {
  CompileOptions lower = options.compile;
  lower.compileTo = Phase::Exec;
  lower.output = "/dev/null";
  check(Compiler(lower, {}).run(module, nullptr));
  if (!options.perturbedKernel.empty()) {
    perturbKernel(module, options.perturbedKernel);
  }
}

CompiledCase oriel::compileCase(OwningOpRef<ModuleOp> module, const ParameterSource &parameters,
                                const CaseOptions &options, const ScratchFolder &folder) {
  CompiledCase result;
  CompileOptions emit = options.compile;
  emit.takesPixels = false;
  emit.output = result.path = folder.file("module.so");
  check(Compiler(emit, {}).run(*module, &parameters));
  result.program = unwrap(LaunchProgram::create(*module, parameters));
  result.module = std::move(module);
  return result;
}
