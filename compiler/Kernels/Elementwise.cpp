//===- Elementwise.cpp - Pointwise ops and data movement ------------------===//
//
// Everything is inlined into the stores: index maps become the addresses of loads. A concat that is
// stored is one update for each operand.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::RDom, Halide::RVar, Halide::TailStrategy, Halide::Var;

/// Whether each row of every result depends on the same row of the operands.
static bool actsOnRows(KernelBuilder &builder, Operation *op) {
  if (isa<ConcatOp>(op)) {
    return true;
  }
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  return (op->hasTrait<Pointwise>() || isa<BatchNormOp>(op)) && !isa<AddWindowBiasOp>(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           auto shape = cast<RankedTensorType>(operand.getType()).getShape();
           bool isVector = shape.size() == 1 && shape.back() == result.getShape().back();
           // A parameter of the result's shape has no rows for further items of the batch.
           bool isParameter = isa<BlockArgument>(operand) && builder.layoutOf(operand).isParameter;
           return isVector || (shape == result.getShape() && !isParameter);
         });
}

/// Whether lanes behind the last channel of the op's result would read other rows than the lanes
/// before them, so maybe outside of memory.
static bool movesChannels(Operation *op) {
  if (auto permute = dyn_cast<PermuteOp>(op)) {
    ArrayRef<int64_t> permutation = permute.getPermutation();
    return permutation.back() + 1 != static_cast<int64_t>(permutation.size());
  }
  return isa<SplitHeadsOp>(op);
}

/// Vectors over the rows, one parallel loop over blocks of rows. `bounded`: Halide knows bounds of
/// the values, as it does of pixels. Its loop partitioning (src/PartitionLoops.cpp, v21.0.0) takes
/// a clamp that the bounds of a row's tail prove idle out of the whole row, where the bounds may be
/// others (a standard deviation for each channel): the tail's values go by the same names there.
template <typename Stage, typename Variable>
static void schedule(Stage stage, Variable channel, ArrayRef<Var> outer, TailStrategy tail,
                     int rowsOfTask, bool bounded) {
  stage.vectorize(channel, panelLanes, tail);
  if (bounded) {
    stage.never_partition_all();
  }
  if (outer.empty()) {
    return;
  }
  Var row = outer.front();
  for (const Var &next : outer.drop_front()) {
    Var fused("row");
    stage.fuse(row, next, fused);
    row = fused;
  }
  Var task("task");
  stage.split(row, task, row, rowsOfTask, TailStrategy::GuardWithIf).parallel(task);
}

static void buildOutput(KernelBuilder &builder, unsigned index) {
  Value value = builder.result(index);
  const DefinedValue &input = builder.get(value);
  int channels = builder.storedChannels(index);
  Block *body = builder.result().getParentBlock();
  if (builder.readsPartialPanels() ||
      llvm::any_of(*body, [](Operation &op) { return movesChannels(&op); })) {
    channels = input.extent();
  }
  bool bounded = llvm::any_of(*body, [](Operation &op) { return isa<NormalizeImageOp>(op); });
  auto outer = outerDimensions(input.rank() - 1);
  Func output;

  // The algorithm.
  auto concat = value.getDefiningOp<ConcatOp>();
  SmallVector<RVar> parts;
  if (concat) {
    std::vector<Var> arguments(outer);
    arguments.insert(arguments.begin(), Var("c"));
    int offset = 0;
    output = Func("out" + std::to_string(index));
    output(arguments) = builder.unset(index);
    for (Value operand : concat.getInputs()) {
      const DefinedValue &part = builder.get(operand);
      RDom r(0, part.extent(), "part");
      output(coordinates(r + offset, outer)) =
          builder.toStored(part.func(coordinates(r, outer)), index);
      parts.push_back(r);
      offset += part.extent();
    }
    channels = offset;
  } else {
    output = builder.defineOutput(index);
  }
  builder.setOutput(index, output, channels);

  // Schedule.
  constexpr int elementsOfTask = 1 << 14;
  int rowsOfTask = std::max(1, elementsOfTask / std::max(1, channels));
  if (concat) {
    for (auto [update, part] : llvm::enumerate(parts)) {
      schedule(output.update(static_cast<int>(update)), part, outer, TailStrategy::GuardWithIf,
               rowsOfTask, bounded);
    }
    return;
  }
  TailStrategy tail = channels % panelWidth == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  schedule(output, output.args()[0], outer, tail, rowsOfTask, bounded);
}

void oriel::buildElementwise(KernelBuilder &builder) {
  Block *body = builder.result().getParentBlock();
  if (builder.rowsAreDense() && llvm::all_of(body->without_terminator(), [&](Operation &op) {
        return actsOnRows(builder, &op);
      })) {
    builder.flattenRows();
  }
  for (unsigned index = 0; index < builder.resultCount(); ++index) {
    buildOutput(builder, index);
  }
}
