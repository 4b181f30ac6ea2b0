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

std::vector<PanelPrefetch::TileRows>
oriel::accessedRows(const KernelBuilder &builder, const TiledProduct &product, const Func &output) {
  std::vector<PanelPrefetch::TileRows> accessed = {
      {output.name(), product.tile.rows, builder.outputLayout().pitch}};
  for (Operation *op : builder.plan.epilogue) {
    if (!isa<AddOp>(op)) {
      continue;
    }
    for (Value operand : op->getOperands()) {
      auto residual = dyn_cast<BlockArgument>(operand);
      if (residual && !builder.layoutOf(residual).isParameter) {
        accessed.push_back({builder.parameterOf(residual).name(), product.tile.rows,
                            builder.layoutOf(residual).pitch});
      }
    }
  }
  return accessed;
}

void oriel::prefetchPanels(KernelBuilder &builder, Operation *op, TiledProduct &product, int depth,
                           std::vector<PanelPrefetch::Loop> tiles,
                           std::vector<PanelPrefetch::TileRows> accessed) {
  auto weights = dyn_cast<BlockArgument>(op->getOperand(1));
  bool isAlone = llvm::all_of(tiles, [](const auto &loop) { return loop.extent == 1; });
  if (!weights || !builder.layoutOf(weights).packed || product.parts > 1 || isAlone ||
      builder.layoutOf(weights).element != ElementType::F32) {
    return;
  }
  // As long as a few steps' code is small. One step stands for no fetches.
  constexpr int64_t mostSteps = 8, usualSteps = 6;
  std::vector<int64_t> accepted = divisorsOf(depth);
  llvm::erase_if(accepted, [](int64_t steps) { return steps > mostSteps; });
  int64_t preferred =
      *llvm::find_if(llvm::reverse(accepted), [](int64_t steps) { return steps <= usualSteps; });
  int64_t steps = builder.choose("prefetch_steps", preferred, accepted);
  if (steps == 1) {
    return;
  }
  // Of several long steps the compiler would load all vectors of the panels early, and keep sums in
  // memory for it. (Measured: as a loop of their own, steps of 24 multiply-adds and more are up to
  // 4 % faster with AVX-512, steps of 12 up to 20 % slower with AVX2.)
  constexpr int64_t longStep = 16;
  product.steps = static_cast<int>(steps);
  product.unrollsSteps =
      product.tile.rows * product.columns() < longStep * builder.target.vectorWidth;
  builder.describe("the next panels fetched every " + Twine(steps) + " steps");
  builder.setPrefetch({.weights = builder.parameterOf(weights).name(),
                       .reduction = {reductionLoop, depth / steps},
                       .lines = depth,
                       .tiles = std::move(tiles),
                       .panels = product.tile.panels,
                       .panelElements = reductionDepth(op) * panelWidth,
                       .accessed = std::move(accessed)});
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
