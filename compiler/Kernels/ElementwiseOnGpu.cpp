//===- ElementwiseOnGpu.cpp - Pointwise ops and movement, on a device -----===//
//
// A thread stores a vector of channels of a row; everything is inlined into it. A concat that is
// stored is one launch for each operand.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::RDom, Halide::RVar, Halide::TailStrategy, Halide::Var;

static constexpr int threadsX = 16, threadsY = 4;

/// Blocks of `channel` and of all outer dimensions as one.
template <typename Stage, typename Variable>
static void schedule(Stage stage, const Variable &channel, ArrayRef<Var> outer, int channels) {
  int width = vectorOf(channels);
  Variable lane("lane"), vector("vector"), x("thread_x"), columns("columns");
  stage.split(channel, vector, lane, width, TailStrategy::GuardWithIf)
      .split(vector, columns, x, threadsX, TailStrategy::GuardWithIf);
  if (width > 1) {
    stage.vectorize(lane);
  }
  if (outer.empty()) {
    stage.reorder(lane, x, columns).gpu_threads(x).gpu_blocks(columns);
    return;
  }
  Var row = outer.front(), y("thread_y"), rows("rows");
  for (const Var &next : outer.drop_front()) {
    Var fused(Halide::Internal::unique_name("row"));
    stage.fuse(row, next, fused);
    row = fused;
  }
  stage.split(row, rows, y, threadsY, TailStrategy::GuardWithIf)
      .reorder(lane, x, y, rows, columns)
      .gpu_threads(x, y)
      .gpu_blocks(rows, columns);
}

/// A concat that is stored: an update for each operand.
static void storeConcat(KernelBuilder &builder, unsigned index, ConcatOp concat) {
  auto outer = outerDimensions(builder.get(concat.getInputs().front()).rank() - 1);
  std::vector<Var> arguments(outer);
  arguments.insert(arguments.begin(), Var("c"));
  Func output("out" + std::to_string(index));
  output(arguments) = builder.unset(index);
  SmallVector<std::pair<RVar, int>> parts;
  int offset = 0;
  for (Value operand : concat.getInputs()) {
    const DefinedValue &part = builder.get(operand);
    RDom r(0, part.extent(), "part");
    output(coordinates(r + offset, outer)) =
        builder.toStored(part.func(coordinates(r, outer)), index);
    parts.emplace_back(r, part.extent());
    offset += part.extent();
  }
  builder.setOutput(index, output, offset);
  for (auto [update, part] : llvm::enumerate(parts)) {
    schedule(output.update(static_cast<int>(update)), part.first, outer, part.second);
  }
}

void oriel::buildElementwiseOnGpu(KernelBuilder &builder) {
  for (unsigned index = 0; index < builder.resultCount(); ++index) {
    if (auto concat = builder.result(index).getDefiningOp<ConcatOp>()) {
      storeConcat(builder, index, concat);
      continue;
    }
    Func output = storeResult(builder, index);
    std::vector<Var> arguments = output.args();
    schedule<Func &>(output, arguments[0], ArrayRef(arguments).drop_front(),
                     builder.get(builder.result(index)).extent());
  }
}
