//===- ParseModule.h - Graph IR given as text, and its parameters ---------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_TARGET_PARSEMODULE_H
#define ORIEL_TESTS_UNIT_COMPILER_TARGET_PARSEMODULE_H

#include "frontend/ParameterSource.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>

namespace oriel::test {

/// A module with its context; diagnostics are collected instead of printed.
struct ParsedModule {
  /// `prepareBody` is the text inside of @prepare.
  explicit ParsedModule(const std::string &prepareBody);

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string diagnostics;
};

struct NamedTensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

/// Tensors given by the test; logs what is read.
class TestParameters : public ParameterSource {
public:
  std::optional<std::vector<int64_t>> lookup(std::string_view name) const override;
  llvm::Error read(std::string_view name, float *values) const override;

  std::map<std::string, NamedTensor, std::less<>> tensors;
  mutable std::vector<std::string> reads;
};

/// A tensor of different values in [-1, 1), none of them 0.
NamedTensor spreadTensor(std::vector<int64_t> shape, unsigned seed);

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_TARGET_PARSEMODULE_H
