//===- TiledProduct.cpp - A matrix product in register tiles --------------===//

#include "compiler/Kernels/TiledProduct.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar, Halide::Stage, Halide::Var;

TiledProduct oriel::defineProduct(KernelBuilder &builder, Operation *op) {
  SmallVector<DefinedValue> parts;
  auto concat = op->getOperand(0).getDefiningOp<ConcatOp>();
  for (Value operand : concat ? concat->getOperands() : op->getOperands().take_front()) {
    parts.push_back(builder.get(operand));
  }
  std::optional<DefinedValue> bias;
  if (op->getNumOperands() > 2) {
    bias = builder.get(op->getOperand(2));
  }
  TiledProduct product;
  product.parts = static_cast<int>(parts.size());
  product.sums =
      defineLinear("sums", parts, builder.get(op->getOperand(1)), bias ? &*bias : nullptr);
  builder.set(op->getResult(0), product.sums);
  return product;
}

int64_t oriel::reductionDepth(Operation *op) {
  return cast<RankedTensorType>(op->getOperand(0).getType()).getShape().back();
}

void oriel::scheduleTileSums(Func sums, const TiledProduct &product, const LoopLevel &level) {
  Var n = sums.args()[0], row = sums.args()[1];
  sums.compute_at(level)
      .store_in(MemoryType::Register)
      .bound_extent(n, product.columns())
      .bound_extent(row, product.tile.rows)
      .vectorize(n, panelLanes)
      .unroll(n)
      .unroll(row);
  for (int part = 0; part < product.parts; ++part) {
    Stage update = sums.update(part);
    RVar k(update.get_schedule().rvars()[0].var);
    if (product.steps > 1) {
      RVar steps(reductionLoop), step("k_step");
      update.split(k, steps, step, product.steps).reorder(n, row, step, steps);
      if (product.unrollsSteps) {
        update.unroll(step);
      }
    } else {
      update.reorder(n, row, k);
    }
    update.vectorize(n, panelLanes).unroll(n).unroll(row);
  }
}

void oriel::scheduleTileThroughScratch(const TiledProduct &product, const LoopLevel &level) {
  Func sums = product.sums.func, tile = sums.in();
  Var n = tile.args()[0], row = tile.args()[1];
  tile.compute_at(level)
      .store_in(MemoryType::Stack)
      .bound_extent(n, product.columns())
      .bound_extent(row, product.tile.rows)
      .vectorize(n, panelLanes)
      .unroll(n)
      .unroll(row);
  scheduleTileSums(sums, product, level);
}
