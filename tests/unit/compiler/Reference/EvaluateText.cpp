//===- EvaluateText.cpp - Runs IR given as text ---------------------------===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace oriel;

std::optional<std::vector<int64_t>> test::LiteralParameters::lookup(std::string_view name) const {
  auto found = tensors.find(std::string(name));
  return found == tensors.end() ? std::nullopt : std::optional(found->second.shape);
}

llvm::Error test::LiteralParameters::read(std::string_view name, float *values) const {
  std::ranges::copy(tensors.at(std::string(name)).values, values);
  return llvm::Error::success();
}

test::Evaluation test::evaluateText(StringRef text, ArrayRef<Tensor> arguments,
                                    const ParameterSource &parameters, const Observer &observer) {
  MLIRContext context;
  context.loadDialect<OrielDialect, func::FuncDialect>();
  Evaluation evaluation;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (evaluation.error.empty()) {
      evaluation.error = diagnostic.str();
    }
    return success();
  });
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module) {
    return evaluation;
  }
  auto results =
      interpret(module->lookupSymbol<func::FuncOp>("main"), arguments, parameters, observer);
  if (succeeded(results)) {
    evaluation.results = std::move(*results);
  }
  return evaluation;
}

static std::string typeOf(ArrayRef<int64_t> shape, StringRef element = "f32") {
  std::string text = "tensor<";
  for (int64_t extent : shape) {
    text += std::to_string(extent) + "x";
  }
  return text + element.str() + ">";
}

Tensor test::evaluateOp(StringRef op, ArrayRef<Tensor> operands, std::vector<int64_t> shape,
                        StringRef element) {
  std::string declarations, types;
  for (auto [index, operand] : llvm::enumerate(operands)) {
    std::string separator = index == 0 ? "" : ", ";
    declarations += separator + "%" + std::to_string(index) + ": " + typeOf(operand.shape, element);
    types += separator + typeOf(operand.shape, element);
  }
  std::string result = typeOf(shape);
  auto evaluation =
      evaluateText("func.func @main(" + declarations + ") -> " + result + " {\n  %r = " + op.str() +
                       " : (" + types + ") -> " + result + "\n  return %r : " + result + "\n}\n",
                   operands);
  EXPECT_EQ(evaluation.error, "");
  return evaluation.results.empty() ? Tensor::zeros(shape) : evaluation.results.front();
}

Tensor test::counting(std::vector<int64_t> shape, float start) {
  Tensor tensor = Tensor::zeros(shape);
  std::iota(tensor.values.begin(), tensor.values.end(), start);
  return tensor;
}
