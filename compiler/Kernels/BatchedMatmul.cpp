//===- BatchedMatmul.cpp - A matmul on its own ----------------------------===//
//
// lhs [..., M, K], rhs [..., K, N] or, with transpose_rhs, [..., N, K]. One task a pair of
// matrices: rhs is packed with its columns innermost, in whole panels, then tiles of rows are
// summed in registers as in Gemm.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/ScheduleChoices.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::MemoryType, Halide::RVar, Halide::Stage,
    Halide::TailStrategy, Halide::Var;

/// The right operand as (n, k, ...) whatever its storage, columns beyond the last repeated.
static DefinedValue packColumns(const DefinedValue &rhs, bool transposed, int columns) {
  DefinedValue packed{Func("packed"), rhs.shape};
  Var n("n"), k("k");
  auto outer = outerDimensions(rhs.rank() - 2);
  std::vector<Var> arguments{n, k};
  arguments.insert(arguments.end(), outer.begin(), outer.end());
  Expr column = min(n, columns - 1);
  packed.func(arguments) = transposed ? rhs.func(coordinates(Expr(k), coordinates(column, outer)))
                                      : rhs.func(coordinates(column, coordinates(Expr(k), outer)));
  return packed;
}

static void scheduleTiles(Func output, Func sums, Func packed, GemmTile tile, int columns,
                          TailStrategy tail) {
  std::vector<Var> arguments = output.args();
  Var lane("lane"), r("r"), rowTile("tile"), panel("panel"), matrix = arguments[2];
  output.split(arguments[1], rowTile, r, tile.rows, TailStrategy::GuardWithIf)
      .split(arguments[0], panel, lane, columns, tail)
      .reorder(lane, r, rowTile, panel)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r);
  for (const Var &outer : ArrayRef(arguments).drop_front(3)) {
    Var fused("matrix");
    output.fuse(matrix, outer, fused);
    matrix = fused;
  }
  output.parallel(matrix);

  Var n = sums.args()[0], m = sums.args()[1];
  sums.compute_at(output, rowTile)
      .store_in(MemoryType::Register)
      .bound_extent(n, columns)
      .bound_extent(m, tile.rows)
      .vectorize(n, panelLanes)
      .unroll(n)
      .unroll(m);
  Stage update = sums.update();
  RVar k(update.get_schedule().rvars()[0].var);
  update.reorder(n, m, k).vectorize(n, panelLanes).unroll(n).unroll(m);

  packed.compute_at(output, matrix).store_in(MemoryType::Heap);
  packed.vectorize(packed.args()[0], panelLanes, TailStrategy::RoundUp);
}

void oriel::buildBatchedMatmul(KernelBuilder &builder) {
  // The algorithm.
  auto op = cast<MatmulOp>(builder.plan.anchor);
  int columns = static_cast<int>(op.getType().getShape().back());
  DefinedValue lhs = builder.get(op.getLhs());
  DefinedValue packed = packColumns(builder.get(op.getRhs()), op.getTransposeRhs(), columns);
  DefinedValue sums{Func("sums"), llvm::SmallVector<int64_t>(op.getType().getShape())};
  {
    Var n("n"), m("m");
    Halide::RDom k(0, lhs.extent(), "k");
    auto outer = outerDimensions(lhs.rank() - 2);
    std::vector<Var> arguments{n, m};
    arguments.insert(arguments.end(), outer.begin(), outer.end());
    sums.func(arguments) = 0.0f;
    sums.func(arguments) += lhs.func(coordinates(k, coordinates(m, outer))) *
                            packed.func(coordinates(n, coordinates(k, outer)));
  }
  builder.set(op.getResult(), sums);
  Func output = builder.defineOutput();
  int channels = builder.storedChannels();
  builder.setOutput(0, output, channels);

  // Schedule.
  int64_t panels = roundUpToPanel(columns) / panelWidth;
  GemmTile tile = choosePanelTile(builder, op.getType().getShape()[sums.rank() - 2], panels);
  int tileColumns = tile.panels * panelLanes;
  TailStrategy tail = channels % tileColumns == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  scheduleTiles(output, sums.func, packed.func, tile, tileColumns, tail);
  builder.describe("register tile " + Twine(tile.rows) + "x" + Twine(tileColumns) +
                   ", tasks of one matrix");
}
