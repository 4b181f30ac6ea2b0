//===- ModuleCaseTest.cpp - Modules and their cases in files --------------===//

#include "tests/fuzz/ModuleCase.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "tests/fuzz/GraphChecker.h"
#include "tests/unit/compiler/Target/TestFolder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

#include <filesystem>

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;
using testing::HasSubstr;

namespace {

class ModuleCaseTest : public testing::Test {
protected:
  /// Writes a module and its case for instructions that every machine of the tests has.
  void SetUp() override {
    DialectRegistry registry;
    registerDialects(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    auto graph = parseSourceString<ModuleOp>(R"mlir(
      func.func @main(%x: tensor<2x3x5xf32>) -> tensor<2x3x7xf32> {
        %w = oriel.param "weight" : tensor<7x5xf32>
        %l = oriel.linear %x, %w : (tensor<2x3x5xf32>, tensor<7x5xf32>) -> tensor<2x3x7xf32>
        return %l : tensor<2x3x7xf32>
      })mlir",
                                             &context);
    CheckOptions options = makeWriteOptions(*KernelTarget::get("x86-64-v3"));
    options.variants.resize(1);
    options.variants.front().writeTo = base;
    Verdict verdict = checkGraphApart(*graph, options);
    ASSERT_EQ(verdict.kind, Verdict::Kind::Same) << verdict.text;
  }

  std::string findMismatchOf(const ModuleCase &test) {
    auto module = LoadedModule::load(base + ".so");
    return module ? findMismatch(*module, test) : toString(module.takeError());
  }

  test::TestFolder folder;
  std::string base = folder.file("linear");
};

} // namespace

TEST_F(ModuleCaseTest, AModuleComputesWhatItsFileSaysAtEachBatch) {
  auto whole = readCase(base + ".case");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->inputs.front().shape, (std::vector<int64_t>{2, 3, 5}));
  for (int32_t batch : getBatches(*whole)) {
    EXPECT_EQ(findMismatchOf(withBatch(*whole, batch)), "");
  }
}

TEST_F(ModuleCaseTest, AnotherExpectedValueIsAMismatch) {
  auto whole = readCase(base + ".case");
  ASSERT_TRUE(whole);
  whole->expected.front().value.values[8] += 1;
  EXPECT_THAT(findMismatchOf(*whole), HasSubstr("batch 2 in slices of 1, result 0: element 8 is"));
}

TEST_F(ModuleCaseTest, AFileThatEndsTooEarlyIsNoCase) {
  std::filesystem::resize_file(base + ".case", std::filesystem::file_size(base + ".case") - 1);
  EXPECT_FALSE(readCase(base + ".case"));
  EXPECT_FALSE(readCase(base + ".missing"));
}
