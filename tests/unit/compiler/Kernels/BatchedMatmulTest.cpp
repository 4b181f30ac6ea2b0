//===- BatchedMatmulTest.cpp - A matmul on its own ------------------------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

TEST(BatchedMatmul, MultipliesQueriesWithKeys) {
  for (int64_t tokens : {1, 16, 49, 64}) {
    for (Memory memory : {arena, caller}) {
      SCOPED_TRACE(tokens);
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value q = region.activation({4, 3, tokens, 20}, memory);
            Value k = region.activation({4, 3, tokens, 20}, memory);
            Value scores = region.make<MatmulOp>(q, k, region.unit());
            region.yield(region.make<ScaleOp>(scores, region.number(0.2)), memory);
          },
          "matmul");
    }
  }
}

TEST(BatchedMatmul, MultipliesProbabilitiesWithValues) {
  for (int64_t channels : {16, 20, 32}) {
    SCOPED_TRACE(channels);
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value p = region.activation({4, 3, 49, 49});
          Value v = region.activation({4, 3, 49, channels});
          region.yield(region.make<MatmulOp>(p, v, UnitAttr()));
        },
        "matmul");
  }
}
