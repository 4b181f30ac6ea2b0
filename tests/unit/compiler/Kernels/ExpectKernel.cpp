//===- ExpectKernel.cpp - Compares kernels with the interpreter -----------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/unit/compiler/Kernels/KernelRunner.h"

#include "gtest/gtest.h"

using namespace oriel;
using namespace oriel::test;

static bool canRun(llvm::StringRef target) {
  return target == "x86-64-v4" ? __builtin_cpu_supports("x86-64-v4")
                               : __builtin_cpu_supports("x86-64-v3");
}

/// Seeded values for the operands. Variances and the like must be positive, so parameters of rank 1
/// are.
static std::vector<Tensor> makeArguments(const RegionBuilder &region) {
  std::vector<Tensor> arguments;
  for (const BufferLayout &layout : region.inputs) {
    bool isVector = layout.isParameter && layout.shape.size() == 1;
    arguments.push_back(makeRandomTensor({layout.shape.begin(), layout.shape.end()},
                                         arguments.size() + 1, isVector ? 0.25f : -1));
  }
  return arguments;
}

/// Runs `kernel` on the operands of `region` and compares each result.
static void expectResults(LoadedKernel &kernel, RegionBuilder &region, int threads) {
  SCOPED_TRACE("batch " + std::to_string(region.batch) + ", " + std::to_string(threads) +
               " threads");
  std::vector<Tensor> arguments = makeArguments(region);
  auto expected = interpretWithBounds(*region.kernel.getBodyBlock(), arguments);
  ASSERT_TRUE(succeeded(expected));

  std::vector<std::unique_ptr<KernelBuffer>> buffers;
  llvm::SmallVector<KernelBuffer *> pointers;
  for (const auto *layouts : {&region.inputs, &region.outputs}) {
    for (const BufferLayout &layout : *layouts) {
      buffers.push_back(std::make_unique<KernelBuffer>(layout, region.batch));
      pointers.push_back(buffers.back().get());
    }
  }
  for (auto [buffer, argument] : llvm::zip(buffers, arguments)) {
    buffer->store(argument);
  }
  ASSERT_EQ(kernel.run(pointers, threads), "");
  for (auto [index, bounded] : llvm::enumerate(*expected)) {
    const KernelBuffer &result = *buffers[arguments.size() + index];
    EXPECT_EQ(describeMismatch(result.load(), bounded), "") << kernel.getCompiled().schedule;
    EXPECT_TRUE(result.bordersAreIntact()) << "the kernel wrote outside of its rows";
  }
}

void test::expectKernelComputes(const BuildRegion &build, llvm::StringRef family) {
  RegionBuilder single(1), several(3);
  build(single);
  build(several);
  std::string refusal;
  auto plan = planKernel(single.kernel, &refusal);
  ASSERT_TRUE(succeeded(plan)) << refusal;
  EXPECT_EQ(getName(plan->family), family);
  for (llvm::StringRef name : {"x86-64-v3", "x86-64-v4"}) {
    SCOPED_TRACE(name.str());
    auto compiled = compileKernel(
        {single.kernel, single.inputs, single.outputs, "kernel", *KernelTarget::get(name)});
    ASSERT_TRUE(bool(compiled)) << llvm::toString(compiled.takeError());
    if (!canRun(name)) {
      static bool said = false;
      if (!said) {
        said = true;
        printf("[  NOTE    ] this CPU is no %s: its kernels are compiled, not run\n",
               name.str().c_str());
      }
      continue;
    }
    auto kernel = LoadedKernel::load(std::move(*compiled), "kernel");
    ASSERT_TRUE(bool(kernel)) << llvm::toString(kernel.takeError());
    for (RegionBuilder *region : {&single, &several}) {
      for (int threads : {1, 2}) {
        expectResults(**kernel, *region, threads);
      }
    }
  }
}
