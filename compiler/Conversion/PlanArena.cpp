//===- PlanArena.cpp - Buffers of the arena get offsets -------------------===//
//
// All sizes and offsets are for one batch item; a run multiplies them by its batch. A kernel may
// read up to arenaSlackRows rows past the end of a buffer, so the arena ends with that much slack.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/ArenaPlanner.h"
#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"

namespace oriel {
#define GEN_PASS_DEF_PLANARENAPASS
#include "compiler/Conversion/Passes.h.inc"
} // namespace oriel

using namespace mlir;
using namespace oriel;

/// Offsets are also right for a GPU's memory transactions and texture rows.
static constexpr int64_t arenaAlignment = 512;

static LogicalResult planProgram(exec::ProgramOp program) {
  llvm::DenseMap<Operation *, int> times;
  for (auto [time, launch] : llvm::enumerate(program.getOps<exec::LaunchOp>())) {
    times[launch] = static_cast<int>(time);
  }
  ArenaPlanner planner(arenaAlignment);
  SmallVector<std::pair<exec::ArenaOp, int>> blocks;
  int64_t slack = 0;
  for (auto buffer : program.getOps<exec::ArenaOp>()) {
    int first = std::numeric_limits<int>::max(), last = -1;
    for (Operation *user : buffer->getUsers()) {
      first = std::min(first, times.at(user));
      last = std::max(last, times.at(user));
    }
    if (last < 0) {
      return buffer.emitError("no launch uses this buffer");
    }
    BufferLayout layout = buffer.getType().getLayout();
    blocks.emplace_back(buffer, planner.addBlock(bytesPerItem(layout), first, last));
    slack = std::max(slack, arenaSlackRows * layout.pitch * layout.elementBytes());
  }
  planner.commit();
  for (auto [buffer, block] : blocks) {
    buffer.setOffsetPerItem(planner.offset(block));
  }
  program.setArenaBytesPerItem(planner.totalBytes());
  program.setArenaFixedBytes(slack);
  return success();
}

namespace {

struct PlanArenaPass : oriel::impl::PlanArenaPassBase<PlanArenaPass> {
  void runOnOperation() override {
    for (auto program : getOperation().getOps<exec::ProgramOp>()) {
      if (failed(planProgram(program))) {
        return signalPassFailure();
      }
    }
  }
};

} // namespace
