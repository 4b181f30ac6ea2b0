//===- BenchCases.h - Kernels to measure ----------------------------------===//
#ifndef ORIEL_TESTS_BENCH_BENCHCASES_H
#define ORIEL_TESTS_BENCH_BENCHCASES_H

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

namespace oriel::bench {

struct Case {
  std::string name;
  test::BuildRegion build;
};

/// Rows, columns and depth of the linear layers of Swin-T and MobileViT-S, and the kernels around
/// them.
std::vector<Case> makeCases();

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_BENCHCASES_H
