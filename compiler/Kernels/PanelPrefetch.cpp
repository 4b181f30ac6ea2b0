//===- PanelPrefetch.cpp - Fetching the panels that are read next ---------===//

#include "compiler/Kernels/PanelPrefetch.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/LineFetch.h"
#include "llvm/Support/MathExtras.h"

#include <utility>

using namespace oriel;
using namespace Halide::Internal;
using Halide::Expr;

namespace {

/// The index of the first load of a buffer in a loop's body, at the start of the loops within it.
class FirstLoad : public IRVisitor {
public:
  explicit FirstLoad(const std::string &buffer) : buffer(buffer) {}

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
    if (!index.defined() && load->name == buffer) {
      index = firstIndexOf(*load, definitions);
    }
    IRVisitor::visit(load);
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
      Stmt result = IRMutator::visit(loop);
      --depth;
      turn = outer;
      return result;
    }
    FirstLoad load(prefetch.weights);
    if (depth == prefetch.tiles.size() && isLoop(*loop, prefetch.reduction)) {
      loop->body.accept(&load);
    }
    if (!load.index.defined()) {
      return IRMutator::visit(loop);
    }
    Stmt body =
        Block::make(makeFetches(*loop, substitute(loop->name, loop->min, load.index)), loop->body);
    return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                     loop->device_api, body);
  }

  static bool isLoop(const For &loop, const PanelPrefetch::Loop &description) {
    return ends_with(loop.name, "." + description.name);
  }

  static Expr turnOf(const For &loop) {
    return Variable::make(Halide::Int(32), loop.name) - loop.min;
  }

  /// A line of each panel of the next tile of columns. `first` is the index of the present one's
  /// first element.
  Stmt makeFetches(const For &loop, const Expr &first) const {
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
    return Block::make(fetches);
  }

  PanelPrefetch prefetch;
  /// How many of the loops over tiles are around, and the turn of all of them as one loop.
  size_t depth = 0;
  Expr turn = 0;
};

} // namespace

void oriel::addPrefetch(Halide::Pipeline &pipeline, const PanelPrefetch &prefetch) {
  // The pipeline deletes it.
  pipeline.add_custom_lowering_pass(new InsertPrefetch(prefetch));
}
