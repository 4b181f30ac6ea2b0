//===- KernelLimitTest.cpp - Limits from work and peaks -------------------===//

#include "tests/bench/KernelLimit.h"

#include "gtest/gtest.h"

using namespace oriel;
using namespace oriel::bench;

/// 100 flops, 10 e^x, 5 silus and 2 gelus a second and core; bandwidths for 100 and 1000 bytes.
static MachinePeaks makePeaks() {
  return {100, 10, 5, 2, {{100, {50, 100}, {25, 50}}, {1000, {10, 12}, {5, 6}}}};
}

static KernelWork makeWork(int64_t flops, int64_t read, int64_t written) {
  KernelWork work;
  work.flops = flops;
  work.activationBytes = read;
  work.resultBytes = written;
  return work;
}

TEST(KernelLimit, AddsFunctionsToProducts) {
  KernelWork work = makeWork(300, 0, 0);
  work.exponentials = 20;
  work.silus = 5;
  work.gelus = 4;
  MachinePeaks peaks = makePeaks();
  KernelLimit limit = limitOf(work, peaks, 1);
  EXPECT_DOUBLE_EQ(limit.products, 3);
  EXPECT_DOUBLE_EQ(limit.functions, 2 + 1 + 2);
  EXPECT_DOUBLE_EQ(limit.seconds(), 8);
  EXPECT_STREQ(limit.boundBy(), "functions");
}

TEST(KernelLimit, IsThatOfTheSlowerOfArithmeticAndMemory) {
  MachinePeaks peaks = makePeaks();
  KernelLimit arithmetic = limitOf(makeWork(2000, 500, 100), peaks, 1);
  EXPECT_DOUBLE_EQ(arithmetic.seconds(), 20);
  EXPECT_STREQ(arithmetic.boundBy(), "FMA");
  KernelLimit memory = limitOf(makeWork(100, 500, 100), peaks, 1);
  EXPECT_DOUBLE_EQ(memory.seconds(), 500.0 / 50 + 100.0 / 25);
  EXPECT_STREQ(memory.boundBy(), "memory");
}

TEST(KernelLimit, TakesTheBandwidthOfAThreadsShare) {
  MachinePeaks peaks = makePeaks();
  auto bytesOf = [&](int64_t read, int64_t written, int threads) {
    return limitOf(makeWork(0, read, written), peaks, threads).bandwidth->bytes;
  };
  EXPECT_EQ(bytesOf(8, 8, 1), 100);
  EXPECT_EQ(bytesOf(599, 400, 1), 100);
  EXPECT_EQ(bytesOf(600, 400, 1), 1000);
  EXPECT_EQ(bytesOf(600, 400, 2), 100);
  EXPECT_EQ(bytesOf(1600, 400, 2), 1000);
  EXPECT_EQ(bytesOf(16000, 4000, 1), 1000);
}

TEST(KernelLimit, HalvesArithmeticOnTwoThreadsAndTakesTheirBandwidth) {
  MachinePeaks peaks = makePeaks();
  KernelLimit limit = limitOf(makeWork(400, 1200, 1200), peaks, 2);
  EXPECT_DOUBLE_EQ(limit.products, 2);
  EXPECT_DOUBLE_EQ(limit.memory, 1200.0 / 12 + 1200.0 / 6);
}
