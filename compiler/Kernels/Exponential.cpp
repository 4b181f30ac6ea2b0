//===- Exponential.cpp - The exponential function in vectors --------------===//

#include "compiler/Kernels/Exponential.h"

using Halide::Expr;

// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln(2)/2; the exponent of e^r is raised by n.
Expr oriel::exponential(const Expr &x) {
  Expr clamped = clamp(x, -87.0f, 88.0f);
  Expr n = round(clamped * 1.44269504f);
  Expr r = clamped - n * 0.693147182f;
  // 1 + r + r^2 p(r): p by a weighted least-squares fit towards the minimax polynomial of e^r's
  // relative error, which is 3e-9.
  Expr power = 0.00138145999f;
  for (float coefficient : {0.00836871681f, 0.041668389f, 0.166665211f, 0.49999994f, 1.0f, 1.0f}) {
    power = power * r + coefficient;
  }
  return Halide::reinterpret<float>(Halide::reinterpret<int32_t>(power) +
                                    (Halide::cast<int32_t>(n) << 23));
}
