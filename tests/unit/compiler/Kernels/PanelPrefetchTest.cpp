//===- PanelPrefetchTest.cpp - Fetching what a register tile will wait for ===//

#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Report/Disassembly.h"
#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include "gmock/gmock.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::ContainsRegex, testing::HasSubstr, testing::Not;

/// A linear layer of `rows` rows, 32 inputs and 48 outputs, in tiles of 6 rows and one panel.
/// `addend`, if given, makes what is added to its result.
static CompiledKernel compileLinear(int64_t rows, int64_t steps, bool packed = true,
                                    llvm::function_ref<Value(RegionBuilder &)> addend = {}) {
  RegionBuilder region;
  Value x = region.activation({rows, 32}), w = region.parameter({48, 32}, packed);
  Value y = region.make<LinearOp>(x, w, region.parameter({48}));
  region.yield(addend ? region.make<AddOp>(y, addend(region)) : y);
  ScheduleParameters parameters{{{"tile_rows", 6},
                                 {"tile_panels", 1},
                                 {"task_tiles", (rows + 5) / 6},
                                 {"task_panel_tiles", 3},
                                 {"prefetch_steps", steps}},
                                {}};
  auto kernel = compileKernel({region.kernel, region.inputs, region.outputs, "kernel",
                               *KernelTarget::get("x86-64-v3"), parameters});
  if (!kernel) {
    ADD_FAILURE() << llvm::toString(kernel.takeError());
    return {};
  }
  return std::move(*kernel);
}

static std::string textOf(const CompiledKernel &kernel) {
  auto functions = disassemble(kernel.object);
  std::string text;
  EXPECT_TRUE(bool(functions));
  for (const MachineFunction &function : *functions) {
    for (const MachineInstruction &instruction : function.instructions) {
      text += instruction.text + "\n";
    }
  }
  return text;
}

TEST(PanelPrefetch, FetchesAWholePanelInTheTurnsOfTheTilesThatReadTheLast) {
  // 2 tiles, 8 turns each: 16 fetches 32 elements apart, of 512 that the next panel has.
  CompiledKernel kernel = compileLinear(12, 4);
  EXPECT_THAT(kernel.statement,
              ContainsRegex(R"(\.tile\*8\) \+ sums[$0-9]*\.s1\.k\$x\.k_steps\))"));
  EXPECT_THAT(kernel.statement, HasSubstr("*32) + 512, 1, 1)"));
  EXPECT_THAT(kernel.schedule, HasSubstr("the next panels fetched every 4 steps"));
}

TEST(PanelPrefetch, AsksForNoLineBetweenTwoWhereTurnsAreMany) {
  // 5 tiles, 16 turns each: 80 fetches of 32 lines, at least 6.4 elements apart.
  EXPECT_THAT(compileLinear(30, 2).statement, HasSubstr("*7)"));
}

TEST(PanelPrefetch, FetchesWhatATilesRowsAreStoredTo) {
  // 6 rows, 48 elements apart, in 8 turns: one in each, and the last again.
  std::string statement = compileLinear(12, 4).statement;
  EXPECT_THAT(statement,
              ContainsRegex(R"(prefetch\(out0[$0-9]*, \(\(min\([a-z0-9$.]*k_steps, 5\)\*3\))"));
  EXPECT_EQ(llvm::StringRef(statement).count("prefetch(out0"), 1);
  // In 4 turns two in each.
  EXPECT_EQ(llvm::StringRef(compileLinear(12, 8).statement).count("prefetch(out0"), 2);
}

TEST(PanelPrefetch, FetchesTheRowsOfAResidual) {
  auto residual = [](RegionBuilder &region) { return region.activation({12, 48}); };
  std::string statement = compileLinear(12, 4, true, residual).statement;
  EXPECT_THAT(statement,
              ContainsRegex(R"(prefetch\(in3[$0-9]*, \(\(min\([a-z0-9$.]*k_steps, 5\)\*3\))"));
  EXPECT_EQ(llvm::StringRef(statement).count("prefetch(out0"), 1);
  // A parameter is small and read for every row.
  auto parameter = [](RegionBuilder &region) { return region.parameter({48}); };
  EXPECT_EQ(llvm::StringRef(compileLinear(12, 4, true, parameter).statement).count("prefetch("), 2);
}

TEST(PanelPrefetch, KeepsWhatItFetchesInAllCaches) {
  std::string text = textOf(compileLinear(12, 4));
  EXPECT_THAT(text, HasSubstr("prefetcht0\t"));
  EXPECT_THAT(text, Not(HasSubstr("prefetchnta")));
}

TEST(PanelPrefetch, IsLeftOutWhereNothingIsGained) {
  // One tile reads all there is; weights that lie in rows are read as they come.
  for (const CompiledKernel &kernel :
       {compileLinear(6, 4), compileLinear(12, 4, /*packed=*/false), compileLinear(12, 1)}) {
    EXPECT_THAT(kernel.statement, Not(HasSubstr("prefetch")));
    EXPECT_THAT(kernel.schedule, Not(HasSubstr("fetched")));
  }
}
