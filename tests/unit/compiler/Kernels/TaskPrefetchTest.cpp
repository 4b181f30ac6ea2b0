//===- TaskPrefetchTest.cpp - Fetching what the next task reads -----------===//

#include "compiler/Kernels/KernelCompiler.h"
#include "tests/unit/compiler/Kernels/AttentionRegions.h"

#include "gmock/gmock.h"

#include <regex>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr, testing::Not;

/// For AVX2. Names in the statement are without the numbers that tell kernels of a process apart.
static CompiledKernel compileAttention(RegionBuilder &region, Value result) {
  region.yield(result);
  auto kernel = compileKernel(
      {region.kernel, region.inputs, region.outputs, "kernel", *KernelTarget::get("x86-64-v3")});
  if (!kernel) {
    ADD_FAILURE() << llvm::toString(kernel.takeError());
    return {};
  }
  kernel->statement = std::regex_replace(kernel->statement, std::regex("\\$[0-9]+"), "");
  return std::move(*kernel);
}

/// Attention of two groups of tokens; a table of so many heads, none for zero.
static CompiledKernel attendTogether(Heads c, int64_t tokens, int64_t tableHeads) {
  RegionBuilder region;
  Value x = region.activation({2, tokens, 3 * c.heads * c.channels});
  if (tableHeads > 0) {
    c.bias = Bias::Added;
    c.table = {tableHeads, tokens, tokens};
  }
  return compileAttention(region, attendTo(region, x, c));
}

TEST(TaskPrefetch, FetchesTheRowsOfTheNextHead) {
  CompiledKernel kernel = attendTogether({.heads = 3, .channels = 8}, 16, 0);
  // A head is a vector of 8, a token a row of 80, a group 160 vectors, an item two groups.
  EXPECT_THAT(kernel.statement,
              HasSubstr("next_rows[ramp(0, 1, 16)] = ramp(((((out0.s1.stored$z.task + 1)/6)*320) + "
                        "(((((out0.s1.stored$z.task + 1)/3) % 2)*160) + "
                        "((out0.s1.stored$z.task + 1) % 3)))*8, 80, 16)"));
  // Rows of q and k, 24 behind them, shared by 8 turns of two blocks; of v by the rows of a block.
  llvm::StringRef
      ofScores = "prefetch(in0, next_rows[(out0.s1.stored$y.block*8) + products.s1.k$x]",
      ofStore = "prefetch(in0, next_rows[(out0.s1.stored$y.block*8) + out0.s1.stored$y.stored$y]";
  EXPECT_THAT(kernel.statement, HasSubstr((ofScores + ", 1, 1)").str()));
  EXPECT_THAT(kernel.statement, HasSubstr((ofScores + " + 24, 1, 1)").str()));
  EXPECT_THAT(kernel.statement, HasSubstr((ofStore + " + 48, 1, 1)").str()));
  EXPECT_THAT(kernel.schedule, HasSubstr("the next head's rows fetched"));
}

TEST(TaskPrefetch, FetchesNoRowsThatExceedTheFirstLevelCache) {
  CompiledKernel kernel = attendTogether({.heads = 3, .channels = 40}, 160, 0);
  EXPECT_THAT(kernel.statement, Not(HasSubstr("prefetch")));
  EXPECT_THAT(kernel.schedule, Not(HasSubstr("fetched")));
}

TEST(TaskPrefetch, FetchesTheTableOfTheNextHead) {
  CompiledKernel kernel = attendTogether({.heads = 3, .channels = 8}, 16, 3);
  EXPECT_THAT(kernel.statement,
              HasSubstr("[ramp(0, 1, 16)] = ramp(((out0.s1.stored$z.task + 1) % 3)*256, 16, 16)"));
  EXPECT_THAT(kernel.statement, HasSubstr("prefetch(in1, next_rows"));
  EXPECT_THAT(kernel.schedule, HasSubstr("the next head's table fetched"));
}

TEST(TaskPrefetch, FetchesNoTableThatAllHeadsRead) {
  for (const CompiledKernel &kernel : {attendTogether({.heads = 3, .channels = 8}, 16, 1),
                                       attendTogether({.heads = 1, .channels = 8}, 16, 1)}) {
    EXPECT_THAT(kernel.statement, Not(HasSubstr("prefetch(in1")));
    EXPECT_THAT(kernel.schedule, Not(HasSubstr("table fetched")));
  }
}

TEST(TaskPrefetch, FetchesTheTableOfTheNextWindowsClass) {
  RegionBuilder region;
  Windows windows{.height = 8, .width = 8, .window = {4, 4}, .shift = {2, 2}};
  CompiledKernel kernel =
      compileAttention(region, attendInWindows(region, windows, {.heads = 2, .channels = 8}, 4));
  EXPECT_THAT(kernel.statement,
              HasSubstr("ramp((((select(((((out0.s1.stored$z.task + 1)/2) % 4)/2) == 1, 2, 0) + "
                        "select(((((out0.s1.stored$z.task + 1)/2) % 4) % 2) == 1, 1, 0))*2) + "
                        "((out0.s1.stored$z.task + 1) % 2))*256, 16, 16)"));
}
