#include "compiler/Target/ParameterBlock.h"

#include "CompileText.h"
#include "ParseModule.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "gmock/gmock.h"

#include <limits>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;

namespace {

constexpr char prepareText[] = R"(
  %a = oriel.param "a" : tensor<17xf32>
  %b = oriel.param "b" : tensor<20x3xf32>
  %c = oriel.param "c" : tensor<24x1x3x3xf32>
  %d = oriel.param "d" : tensor<2x3x49x49xf32>
  %pa = oriel.pack %a : (tensor<17xf32>) -> tensor<17xf32, #oriel.panels>
  %pb = oriel.pack %b : (tensor<20x3xf32>) -> tensor<20x3xf32, #oriel.panels>
  %pc = oriel.pack %c : (tensor<24x1x3x3xf32>) -> tensor<24x1x3x3xf32, #oriel.panels>
  %pd = oriel.pack %c {depthwise} : (tensor<24x1x3x3xf32>) -> tensor<24x1x3x3xf32, #oriel.panels<depthwise>>
  oriel.store_prepared %pa, "vector" : tensor<17xf32, #oriel.panels>
  oriel.store_prepared %pb, "linear" : tensor<20x3xf32, #oriel.panels>
  oriel.store_prepared %pc, "dense" : tensor<24x1x3x3xf32, #oriel.panels>
  oriel.store_prepared %pd, "depthwise" : tensor<24x1x3x3xf32, #oriel.panels<depthwise>>
  oriel.store_prepared %d, "table" : tensor<2x3x49x49xf32>
)";

TEST(ParameterBlockLayout, FollowsFromTheTypesInPrepare) {
  ParsedModule parsed(prepareText);
  auto layout = computeParameterLayout(*parsed.module);
  ASSERT_TRUE(succeeded(layout));
  std::vector<std::tuple<std::string, uint64_t, uint64_t>> entries;
  for (const ParameterEntry &entry : layout->getEntries()) {
    entries.emplace_back(entry.name, entry.offset, entry.size);
  }
  // In floats: 32; 2 x 3 x 16; 2 x 9 x 1 x 16; 9 x 32; 2 x 3 x 49 x 64.
  EXPECT_THAT(entries, testing::ElementsAre(std::tuple("vector", 0, 4 * 32),
                                            std::tuple("linear", 128, 4 * 96),
                                            std::tuple("dense", 512, 4 * 288),
                                            std::tuple("depthwise", 1664, 4 * 288),
                                            std::tuple("table", 2816, 4 * 18816)));
  EXPECT_EQ(layout->getSize(), 2816u + 4 * 18816);
  EXPECT_EQ(layout->lookup("depthwise")->offset, 1664u);
  EXPECT_EQ(layout->lookup("absent"), nullptr);
}

TEST(ParameterBlockLayout, IsEmptyWithoutPrepare) {
  ParsedModule parsed("");
  parsed.module->lookupSymbol("prepare")->erase();
  auto layout = computeParameterLayout(*parsed.module);
  ASSERT_TRUE(succeeded(layout));
  EXPECT_EQ(layout->getSize(), 0u);
}

TEST(ParameterBlockLayout, RefusesTwoEntriesOfOneName) {
  ParsedModule parsed(R"(
    %a = oriel.param "a" : tensor<17xf32>
    oriel.store_prepared %a, "x" : tensor<17xf32>
    oriel.store_prepared %a, "x" : tensor<17xf32>)");
  EXPECT_TRUE(failed(computeParameterLayout(*parsed.module)));
  EXPECT_THAT(parsed.diagnostics, HasSubstr("the parameter 'x' is stored twice"));
}

TEST(ParameterBlockLayout, HasTheElementsOfTheProgramsBuffers) {
  ParsedModule parsed(R"(
    %a = oriel.param "a" : tensor<17xf32>
    oriel.store_prepared %a, "half" : tensor<17xf32>
    oriel.store_prepared %a, "full" : tensor<17xf32>
    oriel.store_prepared %a, "unread" : tensor<17xf32>
    return
  }
  exec.program @main batch = 1 arena = 0 + 0 * per_item {
    %h = exec.parameter "half" : <tensor<17xf32>, parameter, stored = f16>
    %f = exec.parameter "full" : <tensor<17xf32>, parameter>
  }
  func.func private @other() {)");
  auto layout = computeParameterLayout(*parsed.module);
  ASSERT_TRUE(succeeded(layout));
  EXPECT_EQ(layout->lookup("half")->element, ElementType::F16);
  EXPECT_EQ(layout->lookup("half")->size, 2u * 32);
  EXPECT_EQ(layout->lookup("full")->element, ElementType::F32);
  EXPECT_EQ(layout->lookup("full")->size, 4u * 32);
  EXPECT_EQ(layout->lookup("unread")->element, ElementType::F32);
}

TEST(ParameterBlockLayout, AlignsEntriesToCacheLines) {
  ParameterBlockLayout layout;
  EXPECT_TRUE(layout.append("a", 4));
  EXPECT_TRUE(layout.append("b", 64));
  EXPECT_FALSE(layout.append("a", 4));
  EXPECT_EQ(layout.lookup("b")->offset, 64u);
  EXPECT_EQ(layout.getSize(), 128u);
}

class ParameterBlockWriterTest : public testing::Test {
protected:
  ParameterBlockWriterTest() {
    layout.append("a", 8);
    layout.append("b", 64);
  }
  ParameterBlockLayout layout;
  std::string bytes;
  llvm::raw_string_ostream out{bytes};
  ParameterBlockWriter writer{layout, out};
  std::vector<float> two = {1.5f, -2.0f}, sixteen = std::vector<float>(16, 3.0f);
};

TEST_F(ParameterBlockWriterTest, WritesEntriesAtTheirOffsetsAndHashesTheBlock) {
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  EXPECT_EQ(errorOf(writer.append(llvm::ArrayRef(two).take_front(1))), "");
  EXPECT_EQ(errorOf(writer.append(llvm::ArrayRef(two).drop_front(1))), "");
  EXPECT_EQ(errorOf(writer.beginEntry("b")), "");
  EXPECT_EQ(errorOf(writer.append(sixteen)), "");
  auto digest = writer.finish();
  ASSERT_TRUE(bool(digest)) << toString(digest.takeError());
  std::vector<float> expected(32, 0.0f);
  std::copy(two.begin(), two.end(), expected.begin());
  std::fill(expected.begin() + 16, expected.end(), 3.0f);
  EXPECT_EQ(bytes, std::string(reinterpret_cast<const char *>(expected.data()), 128));
  EXPECT_EQ(*digest, llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)));
}

TEST_F(ParameterBlockWriterTest, RoundsToFloat16) {
  ParameterBlockLayout halves;
  halves.append("a", 12, ElementType::F16);
  ParameterBlockWriter writer(halves, out);
  constexpr float infinite = std::numeric_limits<float>::infinity();
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  // Ties to even, the largest number, and what is none.
  EXPECT_EQ(errorOf(writer.append({1 + 0x1p-11F, 1 + 3 * 0x1p-11F, -65519})), "");
  EXPECT_EQ(errorOf(writer.append({0x1p-24F, infinite, -infinite})), "");
  auto digest = writer.finish();
  ASSERT_TRUE(bool(digest)) << toString(digest.takeError());
  const uint16_t expected[32] = {0x3c00, 0x3c02, 0xfbff, 0x0001, 0x7c00, 0xfc00};
  EXPECT_EQ(bytes, std::string(reinterpret_cast<const char *>(expected), 64));
  EXPECT_EQ(*digest, llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)));
}

TEST_F(ParameterBlockWriterTest, RefusesAFiniteValueThatFloat16DoesNotHold) {
  ParameterBlockLayout halves;
  halves.append("a", 4, ElementType::F16);
  ParameterBlockWriter writer(halves, out);
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  EXPECT_EQ(errorOf(writer.append({1, 65520})),
            "it holds 6.552e+04, and float16 ends at 65504: compile with --precision f32");
}

TEST_F(ParameterBlockWriterTest, HashesAnEmptyBlock) {
  ParameterBlockLayout empty;
  auto digest = ParameterBlockWriter(empty, out).finish();
  ASSERT_TRUE(bool(digest)) << toString(digest.takeError());
  EXPECT_EQ(*digest, llvm::SHA256::hash({}));
}

TEST_F(ParameterBlockWriterTest, RefusesAnotherEntryThanTheLayoutsNext) {
  EXPECT_EQ(errorOf(writer.beginEntry("b")),
            "the parameter 'b' is not entry 0 of the parameter block");
}

TEST_F(ParameterBlockWriterTest, RefusesAnEntryMoreThanTheLayoutHas) {
  ParameterBlockLayout empty;
  EXPECT_EQ(errorOf(ParameterBlockWriter(empty, out).beginEntry("a")),
            "the parameter 'a' is not entry 0 of the parameter block");
}

TEST_F(ParameterBlockWriterTest, RefusesMoreBytesThanTheEntryHas) {
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  EXPECT_EQ(errorOf(writer.append(sixteen)),
            "the parameter 'a' is larger than the 8 bytes of its entry");
}

TEST_F(ParameterBlockWriterTest, RefusesFewerBytesThanTheEntryHas) {
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  EXPECT_EQ(errorOf(writer.append(llvm::ArrayRef(two).take_front(1))), "");
  EXPECT_EQ(errorOf(writer.beginEntry("b")), "the parameter 'a' has 4 bytes, its entry has 8");
}

TEST_F(ParameterBlockWriterTest, RefusesABlockThatLacksEntries) {
  EXPECT_EQ(errorOf(writer.beginEntry("a")), "");
  EXPECT_EQ(errorOf(writer.append(two)), "");
  EXPECT_EQ(errorOf(writer.finish()), "the parameter 'b' was not written");
}

} // namespace
