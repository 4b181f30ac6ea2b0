//===- LaunchNamesTest.cpp - The launch that a user names -----------------===//

#include "compiler/Pipeline/LaunchNames.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace oriel;

namespace {

const std::vector<LaunchNames> launches = {
    {"gemm_0", {"blocks.0.attn.qkv", "blocks.0.norm1"}},
    {"attention_0", {"blocks.0.attn"}},
    {"gemm_0", {"blocks.1.attn.qkv", "blocks.1.norm1"}},
    {"attention_0", {"blocks.1.attn"}},
    {"gemm_1", {"blocks.1.attn.proj", "blocks.1", "blocks.1.attn"}},
};

TEST(LaunchNamesTest, AKernelIsItsFirstLaunch) {
  EXPECT_EQ(findLaunch(launches, "gemm_0"), 0);
  EXPECT_EQ(findLaunch(launches, "gemm_1"), 4);
}

TEST(LaunchNamesTest, ALayerIsTheLaunchThatItAnchorsElseThatWhichComputesAPartOfIt) {
  EXPECT_EQ(findLaunch(launches, "blocks.1.attn.qkv"), 2);
  EXPECT_EQ(findLaunch(launches, "blocks.1.attn"), 3);
  EXPECT_EQ(findLaunch(launches, "blocks.1.norm1"), 2);
  EXPECT_EQ(findLaunch(launches, "blocks.1"), 4);
}

TEST(LaunchNamesTest, PartsOfNamesAreNoNames) {
  EXPECT_EQ(findLaunch(launches, "blocks"), std::nullopt);
  EXPECT_EQ(findLaunch(launches, "gemm"), std::nullopt);
  EXPECT_EQ(findLaunch(launches, ""), std::nullopt);
  EXPECT_EQ(findLaunch({}, "gemm_0"), std::nullopt);
}

TEST(LaunchNamesTest, AnUnknownNameGetsTheClosestInOneLine) {
  EXPECT_EQ(describeUnknownLaunch(launches, "attn.prj"),
            "no kernel and no layer is called 'attn.prj'; did you mean 'blocks.1.attn.proj', "
            "'blocks.0.attn.qkv' or 'blocks.1.attn.qkv'? oriel-info lists all of a module");
  EXPECT_THAT(describeUnknownLaunch(launches, "gemm_2"),
              testing::HasSubstr("did you mean 'gemm_0', 'gemm_1' or "));
  EXPECT_THAT(describeUnknownLaunch(launches, "blocks.1.atn"),
              testing::HasSubstr("did you mean 'blocks.1.attn', "));
}

TEST(LaunchNamesTest, WithFewNamesAllAreShown) {
  EXPECT_THAT(describeUnknownLaunch({{"a", {}}}, "b"), testing::HasSubstr("did you mean 'a'? "));
  EXPECT_THAT(describeUnknownLaunch({{"a", {"c"}}}, "b"),
              testing::HasSubstr("did you mean 'a' or 'c'? "));
  EXPECT_EQ(describeUnknownLaunch({}, "b"),
            "no kernel and no layer is called 'b': the module launches none");
}

} // namespace
