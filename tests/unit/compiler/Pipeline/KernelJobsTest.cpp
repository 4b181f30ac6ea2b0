#include "compiler/Pipeline/KernelJobs.h"

#include "compiler/Pipeline/Compiler.h"
#include "tests/unit/compiler/Target/TestFolder.h"

#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

/// Two kernels: silu and gelu of four rows.
constexpr const char *moduleText = R"(
  exec.kernel @elementwise_0 family "elementwise" inputs [!exec.buffer<tensor<1x4x16xf32>, arena>] outputs [!exec.buffer<tensor<1x4x16xf32>, arena>] {
    %0 = exec.operand 0 : tensor<1x4x16xf32>
    %1 = oriel.kernel (%x = %0 : tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
      %y = oriel.silu %x : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
      oriel.yield %y : tensor<1x4x16xf32>
    }
  }
  exec.kernel @elementwise_1 family "elementwise" inputs [!exec.buffer<tensor<1x4x16xf32>, arena>] outputs [!exec.buffer<tensor<1x4x16xf32>, arena>] {
    %0 = exec.operand 0 : tensor<1x4x16xf32>
    %1 = oriel.kernel (%x = %0 : tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
      %y = oriel.gelu %x : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
      oriel.yield %y : tensor<1x4x16xf32>
    }
  })";

class KernelJobsTest : public testing::Test {
protected:
  KernelJobsTest() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {
    module = parseSourceString<ModuleOp>(moduleText, &context);
  }

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  ModuleKernels compile(const KernelCache &cache) {
    KernelTarget targets[] = {*KernelTarget::get("x86-64-v4"), *KernelTarget::get("x86-64-v3")};
    std::string details;
    KernelJobOptions options{targets, 2, cache};
    options.progress = [&](int done, int) { progress.push_back(done); };
    auto kernels = compileKernels(*module, options, details);
    EXPECT_TRUE(static_cast<bool>(kernels)) << toString(kernels.takeError());
    return std::move(*kernels);
  }

  std::string folderOfCache() const { return folder.file("cache"); }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::vector<int> progress;
  TestFolder folder;
};

void expectSame(const ModuleKernels &a, const ModuleKernels &b) {
  ASSERT_EQ(a.lists.size(), b.lists.size());
  for (auto [first, second] : llvm::zip_equal(a.lists, b.lists)) {
    ASSERT_EQ(first.size(), second.size());
    for (auto [kernel, other] : llvm::zip_equal(first, second)) {
      EXPECT_EQ(kernel.name, other.name);
      EXPECT_TRUE(kernel.compiled.object == other.compiled.object);
      EXPECT_EQ(kernel.compiled.scratchBytes, other.compiled.scratchBytes);
      EXPECT_EQ(kernel.compiled.statement, other.compiled.statement);
      EXPECT_EQ(kernel.compiled.schedule, other.compiled.schedule);
    }
  }
}

TEST_F(KernelJobsTest, CachedKernelsAreThoseThatAreMade) {
  ModuleKernels made = compile(KernelCache(""));
  ASSERT_THAT(made.lists, SizeIs(2));
  EXPECT_THAT(made.lists[0], SizeIs(2));
  EXPECT_EQ(made.cachedCount, 0);
  KernelCache cache(folderOfCache());
  EXPECT_EQ(compile(cache).cachedCount, 0);
  progress.clear();
  ModuleKernels cached = compile(cache);
  EXPECT_EQ(cached.cachedCount, 4);
  EXPECT_EQ(progress.front(), 4);
  expectSame(made, cached);
}

TEST_F(KernelJobsTest, AreNamedByKernelAndTarget) {
  ModuleKernels made = compile(KernelCache(""));
  EXPECT_THAT(made.lists[0][1].compiled.object, HasSubstr("elementwise_1.x86_64_v4"));
  EXPECT_THAT(made.lists[1][0].compiled.object, HasSubstr("elementwise_0.x86_64_v3"));
}

TEST_F(KernelJobsTest, DamagedAndMissingKernelsAreMadeAgain) {
  KernelCache cache(folderOfCache());
  ModuleKernels made = compile(cache);
  auto file = std::filesystem::directory_iterator(folderOfCache());
  std::filesystem::resize_file(file->path(), 100);
  std::filesystem::remove((++file)->path());
  ModuleKernels mended = compile(cache);
  EXPECT_EQ(mended.cachedCount, 2);
  expectSame(made, mended);
  EXPECT_EQ(compile(cache).cachedCount, 4);
}

TEST_F(KernelJobsTest, WhatWasMadeBeforeAFailureIsKept) {
  // Two reductions are no kernel of any family.
  std::string refused = std::string(moduleText) + R"(
  exec.kernel @broken family "elementwise" inputs [!exec.buffer<tensor<1x4x16xf32>, arena>] outputs [!exec.buffer<tensor<1x4x16xf32>, arena>] {
    %0 = exec.operand 0 : tensor<1x4x16xf32>
    %1 = oriel.kernel (%x = %0 : tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
      %y = oriel.softmax %x : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
      %z = oriel.softmax %y : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
      oriel.yield %z : tensor<1x4x16xf32>
    }
  })";
  auto broken = parseSourceString<ModuleOp>(refused, &context);
  ASSERT_TRUE(broken);
  KernelCache cache(folderOfCache());
  std::string details;
  KernelTarget target = *KernelTarget::get("x86-64-v4");
  auto kernels = compileKernels(*broken, {target, 1, cache}, details);
  ASSERT_FALSE(static_cast<bool>(kernels));
  EXPECT_THAT(toString(kernels.takeError()), HasSubstr("compiling kernel 'broken' failed"));
  EXPECT_EQ(compile(cache).cachedCount, 2);
}

} // namespace
