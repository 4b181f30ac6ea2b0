//===- ExpectKernel.cpp - Compares kernels with the interpreter -----------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/RandomTensors.h"

#include "gtest/gtest.h"

#include <cstdlib>

using namespace oriel;
using namespace oriel::test;

static llvm::Expected<CompiledKernel> compile(const RegionBuilder &region,
                                              const KernelTarget &target,
                                              const ScheduleParameters &parameters) {
  return compileKernel(
      {region.kernel, region.inputs, region.outputs, "kernel", target, parameters});
}

/// Compiles for the level, and once more in AVX2's instructions where this CPU lacks AVX-512.
static llvm::Expected<CompiledKernel> compileToRun(const RegionBuilder &region,
                                                   llvm::StringRef level,
                                                   const ScheduleParameters &parameters) {
  auto compiled = compile(region, *KernelTarget::get(level), parameters);
  if (!compiled || level != "x86-64-v4" || __builtin_cpu_supports("x86-64-v4")) {
    return compiled;
  }
  [[maybe_unused]] static const int said =
      printf("[  NOTE    ] this CPU lacks AVX-512: x86-64-v4's schedules run in AVX2\n");
  return compile(region, KernelTarget::avx512SchedulesInAvx2(), parameters);
}

/// Seeded values for the operands. Variances and the like must be positive, so parameters of rank 1
/// are.
static std::vector<Tensor> makeArguments(const RegionBuilder &region) {
  std::vector<Tensor> arguments;
  for (const BufferLayout &layout : region.inputs) {
    if (layout.element == ElementType::U8) {
      arguments.push_back(
          makeRandomPixels({layout.shape.begin(), layout.shape.end()}, arguments.size() + 1));
      continue;
    }
    bool isVector = layout.isParameter && layout.shape.size() == 1;
    arguments.push_back(makeRandomTensor({layout.shape.begin(), layout.shape.end()},
                                         arguments.size() + 1, isVector ? 0.25f : -1));
    if (layout.element == ElementType::F16) {
      arguments.back() = roundToFloat16(std::move(arguments.back()));
    }
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
    if (result.getLayout().element == ElementType::F16) {
      bounded = roundToFloat16(bounded);
    }
    EXPECT_EQ(describeMismatch(result.load(), bounded), "") << kernel.getCompiled().schedule;
    EXPECT_TRUE(result.bordersAreIntact()) << "the kernel wrote outside of its rows";
  }
}

/// The targets that ORIEL_TEST_TARGETS names, with commas between; without it the CPU levels.
static llvm::SmallVector<llvm::StringRef> targetsToTest() {
  const char *named = std::getenv("ORIEL_TEST_TARGETS");
  llvm::SmallVector<llvm::StringRef> targets;
  llvm::StringRef(named ? named : "x86-64-v3,x86-64-v4").split(targets, ',');
  return targets;
}

/// What ORIEL_TEST_PRECISION names, f32 or f16.
static ElementType elementToTest() {
  const char *named = std::getenv("ORIEL_TEST_PRECISION");
  return named && llvm::StringRef(named) == "f16" ? ElementType::F16 : ElementType::F32;
}

void test::expectKernelComputes(const BuildRegion &build, llvm::StringRef family,
                                const ScheduleParameters &parameters) {
  ASSERT_TRUE(__builtin_cpu_supports("x86-64-v3")) << "this CPU runs no kernel: it lacks AVX2";
  RegionBuilder single(1), several(3);
  for (RegionBuilder *region : {&single, &several}) {
    build(*region);
    region->storeAs(elementToTest());
  }
  std::string refusal;
  auto plan = planKernel(single.kernel, &refusal);
  ASSERT_TRUE(succeeded(plan)) << refusal;
  EXPECT_EQ(getName(plan->family), family);
  for (llvm::StringRef name : targetsToTest()) {
    SCOPED_TRACE(name.str());
    auto compiled = compileToRun(single, name, parameters);
    ASSERT_TRUE(bool(compiled)) << llvm::toString(compiled.takeError());
    auto kernel = LoadedKernel::load(std::move(*compiled), "kernel");
    ASSERT_TRUE(bool(kernel)) << llvm::toString(kernel.takeError());
    for (RegionBuilder *region : {&single, &several}) {
      int mostThreads = KernelTarget::get(name)->isGpu() ? 1 : 2;
      for (int threads = 1; threads <= mostThreads; ++threads) {
        expectResults(**kernel, *region, threads);
      }
    }
  }
}
