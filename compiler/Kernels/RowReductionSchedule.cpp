//===- RowReductionSchedule.cpp - Sums and maxima over a row --------------===//

#include "compiler/Kernels/RowReductionSchedule.h"

#include "compiler/Kernels/KernelBuilder.h"

using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RDom, Halide::RVar,
    Halide::TailStrategy, Halide::Var;

void oriel::scheduleRowReduction(Func reduction, const RDom &domain, int extent,
                                 const LoopLevel &level, bool unrolls) {
  // Four vectors hide the latency of an addition.
  int lanes = 4 * panelLanes;
  while (lanes > panelLanes && extent % lanes != 0) {
    lanes /= 2;
  }
  reduction.compute_at(level).store_in(MemoryType::Stack);
  if (extent < lanes) {
    return;
  }
  RVar step("step"), lane("lane");
  Var partialLane("partial_lane");
  reduction.update().split(domain.x, step, lane, lanes, TailStrategy::GuardWithIf);
  Func partial = reduction.update().rfactor(lane, partialLane);
  partial.compute_at(level).store_in(MemoryType::Stack).vectorize(partialLane, lanes);
  partial.update().reorder(partialLane, step).vectorize(partialLane, lanes);
  if (unrolls) {
    partial.update().unroll(step);
  }
  reduction.update().atomic().vectorize(lane, lanes);
}
