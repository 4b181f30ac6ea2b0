//===- TaskPrefetch.cpp - Fetching what the next task reads ---------------===//

#include "compiler/Kernels/TaskPrefetch.h"

#include "compiler/Kernels/LineFetch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <utility>

using namespace oriel;
using namespace Halide::Internal;
using Halide::Expr, Halide::Int, Halide::MemoryType;

namespace {

constexpr int tableLanes = 16;

/// Inside of the loop over tasks: the next task's rows in a table, and the fetches.
class InsertTaskPrefetch : public IRMutator {
public:
  explicit InsertTaskPrefetch(TaskPrefetch prefetch)
      : prefetch(std::move(prefetch)), table(unique_name("next_rows")) {}

private:
  using IRMutator::visit;

  Stmt visit(const For *loop) override {
    if (!isInTask) {
      return isLoop(*loop, prefetch.taskLoop) ? visitTask(*loop) : IRMutator::visit(loop);
    }
    std::vector<Stmt> body;
    for (const TaskPrefetch::Lines &lines : prefetch.lines) {
      if (isLoop(*loop, lines.outerLoop)) {
        outerTurn = turnOf(*loop);
      } else if (isLoop(*loop, lines.loop)) {
        addFetches(lines, turnOf(*loop), body);
      }
    }
    body.push_back(mutate(loop->body));
    return withBody(*loop, Block::make(body));
  }

  Stmt visitTask(const For &loop) {
    isInTask = true;
    Stmt body = mutate(loop.body);
    isInTask = false;
    return withBody(loop, addTable(Variable::make(Int(32), loop.name) + 1, body));
  }

  static bool isLoop(const For &loop, const std::string &name) {
    return loop.name.find(name) != std::string::npos;
  }

  static Expr turnOf(const For &loop) { return Variable::make(Int(32), loop.name) - loop.min; }

  static Stmt withBody(const For &loop, Stmt body) {
    return For::make(loop.name, loop.min, loop.extent, loop.for_type, loop.partition_policy,
                     loop.device_api, std::move(body));
  }

  static int rowsOfOuterTurn(int rows, const TaskPrefetch::Lines &lines) {
    return static_cast<int>(llvm::divideCeil(rows, lines.outerExtent));
  }

  /// How many lines a turn fetches.
  int linesOfTurn(const TaskPrefetch::Lines &lines) const {
    int all = rowsOfOuterTurn(prefetch.rows, lines) * lines.parts * lines.lines;
    return static_cast<int>(llvm::divideCeil(all, lines.extent));
  }

  /// The rows that any turn asks for, of which those behind the last repeat it.
  int rowsOfTable() const {
    int rows = prefetch.rows;
    for (const TaskPrefetch::Lines &lines : prefetch.lines) {
      int last = (lines.outerExtent - 1) * rowsOfOuterTurn(prefetch.rows, lines) +
                 (lines.extent * linesOfTurn(lines) - 1) / (lines.parts * lines.lines);
      rows = std::max(rows, last + 1);
    }
    return static_cast<int>(llvm::alignTo(rows, tableLanes));
  }

  Stmt addTable(const Expr &task, const Stmt &body) const {
    std::vector<Stmt> statements;
    int size = rowsOfTable();
    for (int row = 0; row < size; row += tableLanes) {
      Expr at = Ramp::make(row, 1, tableLanes);
      Expr first = simplify(prefetch.firstOfRows(task, min(at, prefetch.rows - 1)));
      statements.push_back(Store::make(table, first, at, Halide::Parameter(),
                                       const_true(tableLanes), ModulusRemainder()));
    }
    statements.push_back(body);
    return Allocate::make(table, Int(32), MemoryType::Stack, {size}, const_true(),
                          Block::make(statements));
  }

  void addFetches(const TaskPrefetch::Lines &lines, const Expr &turn,
                  std::vector<Stmt> &body) const {
    int linesOfRow = lines.parts * lines.lines;
    for (int i = 0; i < linesOfTurn(lines); ++i) {
      Expr line = turn * linesOfTurn(lines) + i;
      Expr row = outerTurn * rowsOfOuterTurn(prefetch.rows, lines) + line / linesOfRow;
      Expr first = Load::make(Int(32), table, simplify(row), Halide::Buffer<>(),
                              Halide::Parameter(), const_true(), ModulusRemainder());
      Expr offset = line % linesOfRow / lines.lines * lines.partStride +
                    line % lines.lines * lineElements + lines.first;
      body.push_back(fetchLine(prefetch.buffer, first + offset));
    }
  }

  TaskPrefetch prefetch;
  std::string table;
  bool isInTask = false;
  Expr outerTurn = 0;
};

} // namespace

void oriel::addPrefetch(Halide::Pipeline &pipeline, const TaskPrefetch &prefetch) {
  // The pipeline deletes it.
  pipeline.add_custom_lowering_pass(new InsertTaskPrefetch(prefetch));
}
