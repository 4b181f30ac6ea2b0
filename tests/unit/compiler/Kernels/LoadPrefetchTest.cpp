//===- LoadPrefetchTest.cpp - Fetching what the next task loads -----------===//

#include "compiler/Kernels/KernelCompiler.h"
#include "tests/unit/compiler/Kernels/AttentionRegions.h"

#include "gmock/gmock.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr, testing::Not;

/// Attention of two groups of 16 tokens; a table of so many heads, none for zero.
static CompiledKernel compileAttention(int64_t heads, int64_t tableHeads) {
  RegionBuilder region;
  Value x = region.activation({2, 16, 3 * heads * 8});
  Heads c{.heads = heads, .channels = 8};
  if (tableHeads > 0) {
    c.bias = Bias::Added;
    c.table = {tableHeads, 16, 16};
  }
  region.yield(attendTo(region, x, c));
  auto kernel = compileKernel(
      {region.kernel, region.inputs, region.outputs, "kernel", *KernelTarget::get("x86-64-v3")});
  if (!kernel) {
    ADD_FAILURE() << llvm::toString(kernel.takeError());
    return {};
  }
  return std::move(*kernel);
}

static int64_t count(llvm::StringRef text, llvm::StringRef part) {
  return static_cast<int64_t>(text.count(part));
}

TEST(LoadPrefetch, FetchesTheTableOfTheNextHead) {
  // A row of 16 floats is a line: two vectors of 8 are loaded, one line fetched, 16 rows on.
  CompiledKernel kernel = compileAttention(3, 3);
  EXPECT_THAT(kernel.statement, HasSubstr("prefetch(in1, "));
  EXPECT_THAT(kernel.statement, HasSubstr(" + 256, 1, 1)"));
  EXPECT_EQ(2 * count(kernel.statement, "prefetch(in1, "), count(kernel.statement, " in1[ramp("));
  EXPECT_THAT(kernel.schedule, HasSubstr("the next head's table fetched"));
}

TEST(LoadPrefetch, FetchesNothingWhereAllHeadsReadOneTable) {
  for (const CompiledKernel &kernel :
       {compileAttention(3, 1), compileAttention(1, 1), compileAttention(3, 0)}) {
    EXPECT_THAT(kernel.statement, Not(HasSubstr("prefetch")));
    EXPECT_THAT(kernel.schedule, Not(HasSubstr("fetched")));
  }
}
