//===- LoadPrefetch.cpp - Fetching what the next task loads ---------------===//

#include "compiler/Kernels/LoadPrefetch.h"

#include "compiler/Kernels/LineFetch.h"

#include <utility>
#include <vector>

using namespace oriel;
using namespace Halide::Internal;
using Halide::Expr;

namespace {

constexpr int lineElements = 16;

/// The indices of a value's loads from a buffer, of each line one, in terms of what is defined
/// outside of the value.
class LinesLoaded : public IRVisitor {
public:
  explicit LinesLoaded(const std::string &buffer) : buffer(buffer) {}

  std::vector<Expr> indices;

private:
  using IRVisitor::visit;

  void visit(const Let *let) override {
    let->value.accept(this);
    definitions.emplace_back(let->name, let->value);
    let->body.accept(this);
    definitions.pop_back();
  }
  void visit(const Load *load) override {
    IRVisitor::visit(load);
    if (load->name != buffer) {
      return;
    }
    Expr index = firstIndexOf(load->index, definitions);
    if (!index.type().is_scalar()) {
      return;
    }
    // Behind a line's first vector the line is asked for.
    ModulusRemainder known = modulus_remainder(index);
    bool isBehindFirst = known.modulus % lineElements == 0 && known.remainder % lineElements != 0;
    if (!isBehindFirst) {
      indices.push_back(index);
    }
  }

  const std::string &buffer;
  Definitions definitions;
};

class InsertLoadPrefetch : public IRMutator {
public:
  explicit InsertLoadPrefetch(LoadPrefetch prefetch) : prefetch(std::move(prefetch)) {}

private:
  using IRMutator::visit;

  Stmt visit(const Store *store) override {
    LinesLoaded lines(prefetch.buffer);
    store->value.accept(&lines);
    std::vector<Stmt> statements;
    statements.reserve(lines.indices.size() + 1);
    for (const Expr &index : lines.indices) {
      statements.push_back(fetchLine(prefetch.buffer, index + static_cast<int>(prefetch.distance)));
    }
    statements.emplace_back(store);
    return Block::make(statements);
  }

  LoadPrefetch prefetch;
};

} // namespace

void oriel::addPrefetch(Halide::Pipeline &pipeline, const LoadPrefetch &prefetch) {
  // The pipeline deletes it.
  pipeline.add_custom_lowering_pass(new InsertLoadPrefetch(prefetch));
}
