//===- GraphWriter.h - A random graph while it is written -----------------===//
#ifndef ORIEL_TESTS_FUZZ_GRAPHWRITER_H
#define ORIEL_TESTS_FUZZ_GRAPHWRITER_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "tests/fuzz/Choices.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace oriel::fuzz {

using Shape = llvm::SmallVector<int64_t>;

/// Appends ops to @main. Dimension 0 of every activation is the batch.
class GraphWriter {
public:
  GraphWriter(mlir::MLIRContext &context, Choices &choices);

  Choices &choices;

  int64_t getBatch() const { return batch; }

  /// Adds an argument of @main with these dimensions behind the batch.
  mlir::Value input(llvm::ArrayRef<int64_t> itemShape);

  /// Adds an argument of bytes, which only normalize_image reads and nothing picks.
  mlir::Value pixels(llvm::ArrayRef<int64_t> itemShape);

  /// A parameter; `kind` tells its distribution (see RandomParameters). Sometimes one that other
  /// ops read, too.
  mlir::Value parameter(llvm::StringRef kind, llvm::ArrayRef<int64_t> shape);

  /// Adds an op of a parameter's arithmetic.
  template <typename Op, typename... Arguments>
  mlir::Value compute(Arguments &&...arguments) {
    return Op::create(builder, nextLocation(), std::forward<Arguments>(arguments)...);
  }

  /// Adds an op of activations; its result can be picked.
  template <typename Op, typename... Arguments>
  mlir::Value add(Arguments &&...arguments) {
    mlir::Value value = compute<Op>(std::forward<Arguments>(arguments)...);
    values.push_back(value);
    return value;
  }

  /// An activation that fits: the last one mostly, else any. Null if there is none.
  mlir::Value pick(llvm::function_ref<bool(mlir::Value)> fits);
  /// Of a rank.
  mlir::Value pickRank(size_t rank);

  /// Whether an op's result of this many elements an item, after this many multiply-adds an item,
  /// is within what a graph may cost the interpreter; if so it is taken off.
  bool spend(int64_t elements, int64_t multiplyAdds = 0);

  /// A channel count, a spatial extent, or a divisor of a number.
  int64_t drawChannels();
  int64_t drawExtent();
  int64_t drawDivisor(int64_t number);

  /// Ends @main with the last result and maybe some of the others.
  mlir::OwningOpRef<mlir::ModuleOp> finish();

private:
  mlir::Value argument(llvm::ArrayRef<int64_t> itemShape, mlir::Type element);
  mlir::Location nextLocation();

  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::Block *body;
  int64_t batch;
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<ParamOp> parameters;
  int locations = 0;
  int64_t elementsLeft, multiplyAddsLeft;
};

/// The dimensions behind the batch.
inline llvm::ArrayRef<int64_t> itemShape(mlir::Value value) { return shapeOf(value).drop_front(); }

inline int64_t channelsOf(mlir::Value value) { return shapeOf(value).back(); }

inline int64_t elementsOfItem(mlir::Value value) {
  int64_t elements = 1;
  for (int64_t extent : itemShape(value)) {
    elements *= extent;
  }
  return elements;
}

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GRAPHWRITER_H
