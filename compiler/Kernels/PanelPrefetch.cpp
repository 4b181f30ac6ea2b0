//===- PanelPrefetch.cpp - Fetching what a register tile will wait for ----===//

#include "compiler/Kernels/PanelPrefetch.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/LineFetch.h"
#include "llvm/Support/MathExtras.h"

#include <utility>

using namespace oriel;
using namespace Halide::Internal;
using Halide::Expr;

namespace {

/// The index of the first load from a buffer in a loop's body, or of the first store to it, at the
/// start of the loops within.
class FirstAccess : public IRVisitor {
public:
  explicit FirstAccess(const std::string &buffer) : buffer(buffer) {}

  /// Undefined where there is none. In terms of what is defined outside of the body.
  Expr index;

private:
  using IRVisitor::visit;

  void visit(const For *loop) override {
    define(loop->name, loop->min);
    IRVisitor::visit(loop);
  }
  void visit(const LetStmt *let) override {
    define(let->name, let->value);
    IRVisitor::visit(let);
  }
  void visit(const Let *let) override {
    define(let->name, let->value);
    IRVisitor::visit(let);
  }
  void visit(const Load *load) override {
    access(load->name, load->index);
    IRVisitor::visit(load);
  }
  void visit(const Store *store) override {
    access(store->name, store->index);
    IRVisitor::visit(store);
  }

  void access(const std::string &name, const Expr &accessed) {
    if (!index.defined() && name == buffer) {
      index = firstIndexOf(accessed, definitions);
    }
  }

  void define(const std::string &name, const Expr &value) {
    if (!index.defined()) {
      definitions.emplace_back(name, value);
    }
  }

  const std::string &buffer;
  Definitions definitions;
};

/// Puts the fetches before the body of the loop over the reduction.
class InsertPrefetch : public IRMutator {
public:
  explicit InsertPrefetch(PanelPrefetch prefetch) : prefetch(std::move(prefetch)) {}

private:
  using IRMutator::visit;

  Stmt visit(const For *loop) override {
    if (depth < prefetch.tiles.size() && isLoop(*loop, prefetch.tiles[depth])) {
      Expr outer = std::exchange(turn, turn * static_cast<int>(prefetch.tiles[depth].extent) +
                                           turnOf(*loop));
      ++depth;
      if (depth == prefetch.tiles.size()) {
        findAccesses(*loop);
      }
      Stmt result = IRMutator::visit(loop);
      --depth;
      turn = outer;
      return result;
    }
    FirstAccess load(prefetch.weights);
    if (depth == prefetch.tiles.size() && isLoop(*loop, prefetch.reduction)) {
      loop->body.accept(&load);
    }
    if (!load.index.defined()) {
      return IRMutator::visit(loop);
    }
    std::vector<Stmt> body = fetchPanels(*loop, substitute(loop->name, loop->min, load.index));
    for (size_t i = 0; i < firstAccessed.size(); ++i) {
      fetchRows(*loop, prefetch.accessed[i], firstAccessed[i], body);
    }
    body.push_back(loop->body);
    return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                     loop->device_api, Block::make(body));
  }

  static bool isLoop(const For &loop, const PanelPrefetch::Loop &description) {
    return ends_with(loop.name, "." + description.name);
  }

  static Expr turnOf(const For &loop) {
    return Variable::make(Halide::Int(32), loop.name) - loop.min;
  }

  /// A line of each panel of the next tile of columns. `first` is the index of the present one's
  /// first element.
  std::vector<Stmt> fetchPanels(const For &loop, const Expr &first) const {
    int64_t turns = prefetch.reduction.extent;
    for (const PanelPrefetch::Loop &tiles : prefetch.tiles) {
      turns *= tiles.extent;
    }
    // At least a panel in all turns; some lines are asked for twice.
    auto stride = static_cast<int>(llvm::divideCeil(prefetch.lines * panelWidth, turns));
    Expr now = turn * static_cast<int>(prefetch.reduction.extent) + turnOf(loop);
    std::vector<Stmt> fetches;
    for (int panel = 0; panel < prefetch.panels; ++panel) {
      auto next = static_cast<int>((prefetch.panels + panel) * prefetch.panelElements);
      fetches.push_back(fetchLine(prefetch.weights, first + now * stride + next));
    }
    return fetches;
  }

  /// Finds the first elements of a turn of the innermost loop over tiles.
  void findAccesses(const For &loop) {
    firstAccessed.clear();
    for (const PanelPrefetch::TileRows &rows : prefetch.accessed) {
      FirstAccess access(rows.buffer);
      loop.body.accept(&access);
      firstAccessed.push_back(access.index);
    }
  }

  /// Adds the lines of some of the present tile's rows; the last row's again in the turns behind
  /// it. `first` is the index of their first element; undefined where the tile has none.
  void fetchRows(const For &loop, const PanelPrefetch::TileRows &accessed, const Expr &first,
                 std::vector<Stmt> &fetches) const {
    if (!first.defined()) {
      return;
    }
    auto rows = static_cast<int>(accessed.rows), pitch = static_cast<int>(accessed.pitch);
    auto rowsOfTurn = static_cast<int>(llvm::divideCeil(accessed.rows, prefetch.reduction.extent));
    for (int i = 0; i < rowsOfTurn; ++i) {
      Expr row = min(turnOf(loop) * rowsOfTurn + i, rows - 1);
      for (int panel = 0; panel < prefetch.panels; ++panel) {
        auto column = static_cast<int>(panel * panelWidth);
        fetches.push_back(fetchLine(accessed.buffer, first + row * pitch + column));
      }
    }
  }

  PanelPrefetch prefetch;
  /// How many of the loops over tiles are around, and the turn of all of them as one loop.
  size_t depth = 0;
  Expr turn = 0;
  /// The first element of each of prefetch.accessed in a turn of the innermost of them.
  std::vector<Expr> firstAccessed;
};

} // namespace

void oriel::addPrefetch(Halide::Pipeline &pipeline, const PanelPrefetch &prefetch) {
  // The pipeline deletes it.
  pipeline.add_custom_lowering_pass(new InsertPrefetch(prefetch));
}
