//===- RegionBuilder.h - Makes a kernel region for a test -----------------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_KERNELS_REGIONBUILDER_H
#define ORIEL_TESTS_UNIT_COMPILER_KERNELS_REGIONBUILDER_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/BufferLayout.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace oriel::test {

/// How an activation of a test's kernel lies in memory.
struct Memory {
  bool ofCaller = false;
  int64_t haloY = 0, haloX = 0;

  BufferLayout layoutOf(llvm::ArrayRef<int64_t> shape) const {
    return ofCaller ? BufferLayout::ofCaller(shape) : BufferLayout::inArena(shape, haloY, haloX);
  }
};
inline constexpr Memory arena{}, caller{true, 0, 0};
inline constexpr Memory withHalo(int64_t halo) { return {false, halo, halo}; }

/// One kernel: its operands in the order of the calls, its ops, its results.
class RegionBuilder {
public:
  explicit RegionBuilder(int64_t batch = 1);

  /// An operand of `batch` items.
  mlir::Value activation(llvm::ArrayRef<int64_t> itemShape, Memory memory = arena);
  /// An operand of pixels in the caller's memory.
  mlir::Value pixels(llvm::ArrayRef<int64_t> itemShape);
  /// An operand in panels where `packed`; `depthwise` as in #oriel.panels.
  mlir::Value parameter(llvm::ArrayRef<int64_t> shape, bool packed = true, bool depthwise = false);
  template <typename Op, typename... Arguments>
  mlir::Value make(Arguments &&...arguments) {
    return Op::create(builder, builder.getUnknownLoc(), std::forward<Arguments>(arguments)...);
  }
  /// Ends the region: the kernel's results.
  KernelOp yield(llvm::ArrayRef<mlir::Value> values, Memory memory = arena);

  /// Stores parameters and all that is not the caller's as `element`; once the region has ended.
  void storeAs(ElementType element);

  mlir::DenseI64ArrayAttr array(llvm::ArrayRef<int64_t> values) {
    return builder.getDenseI64ArrayAttr(values);
  }
  mlir::DenseF64ArrayAttr numbers(llvm::ArrayRef<double> values) {
    return builder.getDenseF64ArrayAttr(values);
  }
  mlir::UnitAttr unit() { return builder.getUnitAttr(); }
  mlir::FloatAttr number(double value) { return builder.getF64FloatAttr(value); }

  int64_t batch;
  KernelOp kernel;
  llvm::SmallVector<BufferLayout> inputs, outputs;

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::OpBuilder builder;
  mlir::Block *body;
};

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_KERNELS_REGIONBUILDER_H
