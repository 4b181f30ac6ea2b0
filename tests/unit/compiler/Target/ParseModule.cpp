//===- ParseModule.cpp - Graph IR given as text, and its parameters -------===//

#include "ParseModule.h"

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <numeric>

using namespace oriel;
using namespace oriel::test;

ParsedModule::ParsedModule(const std::string &prepareBody)
    : context(std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED)) {
  context->loadDialect<OrielDialect, exec::ExecDialect, mlir::func::FuncDialect>();
  context->getDiagEngine().registerHandler(
      [this](mlir::Diagnostic &diagnostic) { diagnostics += diagnostic.str() + "\n"; });
  module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @prepare() {\n" + prepareBody + "\nreturn\n}", context.get());
}

std::optional<std::vector<int64_t>> TestParameters::lookup(std::string_view name) const {
  auto found = tensors.find(name);
  return found == tensors.end() ? std::nullopt : std::optional(found->second.shape);
}

llvm::Error TestParameters::read(std::string_view name, float *values) const {
  reads.emplace_back(name);
  auto found = tensors.find(name);
  if (found->second.values.empty()) {
    return llvm::createStringError("the tensor is of type I32");
  }
  std::copy(found->second.values.begin(), found->second.values.end(), values);
  return llvm::Error::success();
}

NamedTensor test::spreadTensor(std::vector<int64_t> shape, unsigned seed) {
  int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
  NamedTensor tensor = {std::move(shape), std::vector<float>(count)};
  for (float &value : tensor.values) {
    seed = seed * 1664525u + 1013904223u;
    value = (float((seed >> 9) | 1) / float(1 << 22)) - 1.0f;
  }
  return tensor;
}
