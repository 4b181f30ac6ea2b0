//===- LineFetch.cpp - Statements that fetch a line ahead -----------------===//

#include "compiler/Kernels/LineFetch.h"

#include "llvm/ADT/STLExtras.h"

using namespace oriel;
using namespace Halide::Internal;
using Halide::Expr;

Expr oriel::firstIndexOf(const Expr &index, const Definitions &definitions) {
  const auto *ramp = index.as<Ramp>();
  Expr first = ramp ? ramp->base : index;
  for (const auto &[name, value] : llvm::reverse(definitions)) {
    first = substitute(name, value, first);
  }
  return first;
}

Stmt oriel::fetchLine(const std::string &buffer, const Expr &index) {
  Expr handle = Variable::make(Halide::Handle(), buffer);
  return Evaluate::make(Call::make(Halide::Float(32), Call::prefetch,
                                   {handle, simplify(index), 1, 1}, Call::Intrinsic));
}

std::string oriel::keepPrefetched(std::string assembly) {
  constexpr std::string_view once = "prefetchnta", kept = "prefetcht0 ";
  static_assert(once.size() == kept.size());
  for (size_t at = assembly.find(once); at != std::string::npos; at = assembly.find(once, at)) {
    assembly.replace(at, once.size(), kept);
  }
  return assembly;
}
