//===- EvaluateText.h - Runs IR given as text -----------------------------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_REFERENCE_EVALUATETEXT_H
#define ORIEL_TESTS_UNIT_COMPILER_REFERENCE_EVALUATETEXT_H

#include "compiler/Reference/Interpreter.h"

#include "gmock/gmock.h"

#include <map>
#include <string>

namespace oriel::test {

/// Parameters given as literals.
class LiteralParameters : public ParameterSource {
public:
  LiteralParameters(std::map<std::string, Tensor> tensors = {}) : tensors(std::move(tensors)) {}
  std::optional<std::vector<int64_t>> lookup(std::string_view name) const override;
  llvm::Error read(std::string_view name, float *values) const override;

private:
  std::map<std::string, Tensor> tensors;
};

/// What `evaluateText` found: the results of @main, or the first diagnostic.
struct Evaluation {
  std::vector<Tensor> results;
  std::string error;
};

/// Parses a module and runs its function @main.
Evaluation evaluateText(llvm::StringRef text, llvm::ArrayRef<Tensor> arguments,
                        const ParameterSource &parameters = LiteralParameters(),
                        const Observer &observer = {});

/// Runs one op, written as `oriel.silu %0` or `oriel.conv2d %0, %1 {...}` without its types; %i is
/// operands[i], of elements of type `element`, and `shape` that of the result, of float32.
Tensor evaluateOp(llvm::StringRef op, llvm::ArrayRef<Tensor> operands, std::vector<int64_t> shape,
                  llvm::StringRef element = "f32");

/// [start, start + 1, ...].
Tensor counting(std::vector<int64_t> shape, float start = 0);

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_REFERENCE_EVALUATETEXT_H
