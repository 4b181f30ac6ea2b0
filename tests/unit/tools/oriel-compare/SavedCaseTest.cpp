//===- SavedCaseTest.cpp --------------------------------------------------===//

#include "tools/oriel-compare/SavedCase.h"

#include "compiler/Pipeline/Compiler.h"
#include "frontend/RandomParameters.h"
#include "frontend/Safetensors.h"
#include "runtime/data/Npy.h"
#include "tests/unit/compiler/Target/TestFolder.h"

#include "mlir/Parser/Parser.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using oriel::test::TestFolder;

static constexpr const char *text = R"(
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %g = oriel.param "g" : tensor<3xf32>
  %w = oriel.param "w" : tensor<3x3xf32>
  %y = oriel.linear %x, %w, %g : (tensor<1x3xf32>, tensor<3x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
})";

TEST(SavedCase, IsReadAsItWasWritten) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  RandomParameters parameters(1, {{"g", {3}}, {"w", {3, 3}}});
  TestFolder folder;
  std::string path = folder.file("case.mlir");
  auto written = writeSavedCase(path, *module, parameters,
                                {Tensor({1, 3}, {1, 2, 3}), Tensor({1, 3}, {4, 5, 6})});
  ASSERT_TRUE(bool(written)) << toString(written.takeError());
  SavedCase found = findSavedCase(path);
  EXPECT_EQ(found.weights, written->weights);
  EXPECT_EQ(found.inputs, written->inputs);
  EXPECT_EQ(found.inputs.size(), 2U);

  auto file = SafetensorsFile::open(found.weights);
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  for (const char *name : {"g", "w"}) {
    ASSERT_EQ((*file)->lookup(name), parameters.lookup(name));
    std::vector<float> read(9), wanted(9);
    ASSERT_FALSE((*file)->read(name, read.data()));
    ASSERT_FALSE(parameters.read(name, wanted.data()));
    EXPECT_EQ(read, wanted);
  }
  FloatArray array;
  std::string error;
  ASSERT_TRUE(readNpy(found.inputs[1], array, error)) << error;
  EXPECT_THAT(array.values, testing::ElementsAre(4, 5, 6));
}

TEST(SavedCase, LeavesNothingOfAnEarlierOne) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  auto module = parseSourceString<ModuleOp>(text, &context);
  RandomParameters parameters(1, {{"g", {3}}, {"w", {3, 3}}});
  TestFolder folder;
  std::string path = folder.file("case.mlir");
  Tensor input({1, 3}, {1, 2, 3});
  ASSERT_TRUE(bool(writeSavedCase(path, *module, parameters, {input, input, input})));
  ASSERT_TRUE(bool(writeSavedCase(path, *module, parameters, {input})));
  EXPECT_THAT(findSavedCase(path).inputs, testing::ElementsAre(folder.file("case.npy")));
}
