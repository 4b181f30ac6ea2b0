//===- Exponential.cpp - The exponential function in vectors --------------===//

#include "compiler/Kernels/Exponential.h"

#include <bit>

using Halide::Expr, Halide::Target;

namespace {
/// The same number in both types.
struct Rounded {
  Expr real, integer;
};
} // namespace

/// `x` to the nearest integer, for |x| < 2^22. Halide rounds 16 lanes in two halves, so with
/// AVX-512 the sum with 1.5 * 2^23 rounds, whose last bits are the integer. As integers: the
/// compiler may reorder float sums, and would leave out adding and subtracting the same number;
/// strict_float forbids that, but for the whole kernel, whose rows it then sums in order.
static Rounded roundToInteger(const Expr &x) {
  constexpr float shifter = 12582912.0f;
  Expr bits = Halide::reinterpret<uint32_t>(x + shifter) - Expr(std::bit_cast<uint32_t>(shifter));
  Expr integer = Halide::reinterpret<int32_t>(bits);
  Expr isWide = target_has_feature(Target::AVX512);
  return {.real = select(isWide, Halide::cast<float>(integer), round(x)),
          .integer = select(isWide, integer, Halide::cast<int32_t>(round(x)))};
}

// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln(2)/2; the exponent of e^r is raised by n.
Expr oriel::exponentialOfNonPositive(const Expr &x) {
  Expr clamped = max(x, -87.0f);
  Rounded n = roundToInteger(clamped * 1.44269504f);
  Expr r = clamped - n.real * 0.693147182f;
  // 1 + r + r^2 p(r): p by a weighted least-squares fit towards the minimax polynomial of e^r's
  // relative error, which is 3e-9.
  Expr power = 0.00138145999f;
  for (float coefficient : {0.00836871681f, 0.041668389f, 0.166665211f, 0.49999994f, 1.0f, 1.0f}) {
    power = power * r + coefficient;
  }
  return Halide::reinterpret<float>(Halide::reinterpret<int32_t>(power) + (n.integer << 23));
}

Expr oriel::exponential(const Expr &x) { return exponentialOfNonPositive(min(x, 88.0f)); }
