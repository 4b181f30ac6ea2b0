//===- DefineAttentionOps.cpp - The algorithms of the attention's ops -----===//

#include "compiler/Kernels/DefineOps.h"

using namespace oriel;
using Halide::Expr, Halide::Func, Halide::RDom, Halide::Var;

// r[b, g, h, t, c] = input[b, g, t, (part*heads + h)*d + c]
DefinedValue oriel::defineOp(SplitHeadsOp op, const DefinedValue &input) {
  llvm::ArrayRef<int64_t> in = input.shape;
  int heads = static_cast<int>(op.getHeads()), part = static_cast<int>(op.getPart());
  int channels = static_cast<int>(in[3] / (op.getHeads() * op.getParts()));
  DefinedValue result{Func("split_heads"), {in[0], in[1], heads, in[2], channels}};
  Var c("c"), t("t"), h("h"), g("g"), b("b");
  result.func(c, t, h, g, b) = input.func((part * heads + h) * channels + c, t, g, b);
  return result;
}

// r[b, g, t, h*d + c] = input[b, g, h, t, c]
DefinedValue oriel::defineOp(MergeHeadsOp, const DefinedValue &input) {
  llvm::ArrayRef<int64_t> in = input.shape;
  int channels = input.extent(), heads = static_cast<int>(in[2]);
  DefinedValue result{Func("merge_heads"), {in[0], in[1], in[3], in[2] * in[4]}};
  Var c("c"), t("t"), g("g"), b("b");
  // Lanes beyond the last channel must read inside of the operand, too.
  result.func(c, t, g, b) = input.func(c % channels, t, min(c / channels, heads - 1), g, b);
  return result;
}

DefinedValue oriel::defineOp(MatmulOp op, llvm::ArrayRef<DefinedValue> operands) {
  const DefinedValue &lhs = operands[0], &rhs = operands[1];
  bool transpose = op.getTransposeRhs();
  DefinedValue result{Func("matmul"), lhs.shape};
  result.shape.back() = rhs.shape[rhs.rank() - (transpose ? 2 : 1)];
  Var n("n"), m("m");
  RDom k(0, lhs.extent(), "k");
  auto outer = outerDimensions(lhs.rank() - 2);
  auto at = [&](const Expr &first, const Expr &second) {
    return coordinates(first, coordinates(second, outer));
  };
  std::vector<Var> arguments{n, m};
  arguments.insert(arguments.end(), outer.begin(), outer.end());
  result.func(arguments) = 0.0f;
  result.func(arguments) += lhs.func(at(k, m)) * rhs.func(transpose ? at(k, n) : at(n, k));
  return result;
}

// k(g) = 2 * (y == windows[0]-1) + (x == windows[1]-1) of window g = (y, x)
Expr oriel::windowClassOf(AddWindowBiasOp op, const Expr &g) {
  if (mlir::cast<mlir::RankedTensorType>(op.getTable().getType()).getDimSize(0) == 1) {
    return 0;
  }
  int rows = static_cast<int>(op.getWindows()[0]), columns = static_cast<int>(op.getWindows()[1]);
  return select(g / columns == rows - 1, 2, 0) + select(g % columns == columns - 1, 1, 0);
}

// r[b, g, h, i, j] = scores[b, g, h, i, j] + table[k(g), h, i, j]
DefinedValue oriel::defineOp(AddWindowBiasOp op, llvm::ArrayRef<DefinedValue> operands) {
  const DefinedValue &scores = operands[0], &table = operands[1];
  DefinedValue result{Func("add_window_bias"), scores.shape};
  Var j("j"), i("i"), h("h"), g("g"), b("b");
  Expr head = table.shape[1] == 1 ? Expr(0) : Expr(h);
  result.func(j, i, h, g, b) =
      scores.func(j, i, h, g, b) + table.func(j, i, head, windowClassOf(op, g));
  return result;
}
