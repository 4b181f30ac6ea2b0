//===- ReportPageTest.cpp - The page holds what it was told ---------------===//

#include "compiler/Report/ReportPage.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/Compression.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace oriel;
using testing::HasSubstr;

/// What stands between an element's start, which names its id, and its end.
static llvm::StringRef getElement(llvm::StringRef page, llvm::StringRef id) {
  return page.split(("id=\"" + id + "\">").str()).second.split("</script>").first;
}

static std::string print(const ReportPage &page) {
  auto text = page.print();
  EXPECT_TRUE(static_cast<bool>(text)) << toString(text.takeError());
  return text ? *text : "";
}

TEST(ReportPage, TextsComeBackAsTheyWere) {
  std::string text(100000, 'x');
  text += "%0 = oriel.silu </script> \xc3\xbc";
  ReportPage page;
  page.addModule("graph", "", "first");
  page.addModule("fused", "fuse-mlp", text);
  std::vector<char> bytes;
  std::string printed = print(page);
  ASSERT_FALSE(static_cast<bool>(llvm::decodeBase64(getElement(printed, "text-1"), bytes)));
  llvm::SmallVector<uint8_t> inflated;
  ASSERT_FALSE(static_cast<bool>(llvm::compression::zlib::decompress(
      llvm::arrayRefFromStringRef(llvm::StringRef(bytes.data(), bytes.size())), inflated,
      text.size())));
  EXPECT_EQ(llvm::toStringRef(inflated), text);
}

TEST(ReportPage, NoNameEndsTheDataEarly) {
  ReportPage page;
  page.set("model", "</script><script>alert(1)</script>");
  std::string printed = print(page);
  auto data = llvm::json::parse(getElement(printed, "data"));
  ASSERT_TRUE(static_cast<bool>(data)) << toString(data.takeError());
  EXPECT_EQ(data->getAsObject()->getString("model"), "</script><script>alert(1)</script>");
}

TEST(ReportPage, LayersStandThereAsPlainText) {
  ReportPage page;
  page.addRemark(
      {FusionRemark::Kind::Gain, "fuse-attention", "layers.0.blocks.1.attn", "saved", {}});
  EXPECT_THAT(print(page), HasSubstr("layers.0.blocks.1.attn"));
}

TEST(ReportPage, PassesThatChangedNothingAreListedInOrder) {
  ReportPage page;
  page.addModule("graph", "", "text");
  page.addUnchanged("fused", std::string("fuse-") + "concat");
  auto data = llvm::json::parse(getElement(print(page), "data"));
  ASSERT_TRUE(static_cast<bool>(data)) << toString(data.takeError());
  llvm::json::Array *steps = data->getAsObject()->getArray("steps");
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ((*steps)[1].getAsObject()->getString("pass"), "fuse-concat");
  EXPECT_FALSE((*steps)[1].getAsObject()->getInteger("text").has_value());
}
