//===- ArenaPlannerTest.cpp - Offsets for blocks with lifetimes -----------===//

#include "compiler/Conversion/ArenaPlanner.h"

#include <gtest/gtest.h>

#include <random>

using oriel::ArenaPlanner;

TEST(ArenaPlanner, EmptyArenaHasNoBytes) {
  ArenaPlanner planner(64);
  planner.commit();
  EXPECT_EQ(planner.totalBytes(), 0);
}

TEST(ArenaPlanner, BlocksThatNeverLiveTogetherShareMemory) {
  ArenaPlanner planner(64);
  int a = planner.addBlock(1000, 0, 1), b = planner.addBlock(1000, 2, 3);
  planner.commit();
  EXPECT_EQ(planner.offset(a), 0);
  EXPECT_EQ(planner.offset(b), 0);
  EXPECT_EQ(planner.totalBytes(), 1024);
}

TEST(ArenaPlanner, LifetimesIncludeBothEnds) {
  ArenaPlanner planner(64);
  int a = planner.addBlock(64, 0, 1), b = planner.addBlock(64, 1, 2);
  planner.commit();
  EXPECT_NE(planner.offset(a), planner.offset(b));
}

TEST(ArenaPlanner, SmallBlockFillsGapBetweenLargeOnes) {
  ArenaPlanner planner(64);
  int a = planner.addBlock(256, 0, 9), b = planner.addBlock(192, 0, 4),
      c = planner.addBlock(128, 0, 9);
  int d = planner.addBlock(64, 5, 9);
  planner.commit();
  EXPECT_EQ(planner.offset(a), 0);
  EXPECT_EQ(planner.offset(b), 256);
  EXPECT_EQ(planner.offset(c), 448);
  EXPECT_EQ(planner.offset(d), 256);
  EXPECT_EQ(planner.totalBytes(), 576);
}

TEST(ArenaPlanner, RandomBlocksThatLiveTogetherNeverOverlap) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    ArenaPlanner planner(512);
    struct Block {
      int64_t size;
      int first, last;
    };
    std::vector<Block> blocks;
    int64_t sum = 0;
    for (int i = 0; i < 60; ++i) {
      int first = static_cast<int>(random() % 40);
      blocks.push_back({1 + static_cast<int64_t>(random() % 5000), first,
                        first + static_cast<int>(random() % 8)});
      planner.addBlock(blocks.back().size, blocks.back().first, blocks.back().last);
      sum += (blocks.back().size + 511) / 512 * 512;
    }
    planner.commit();
    EXPECT_LE(planner.totalBytes(), sum);
    for (int i = 0; i < 60; ++i) {
      EXPECT_EQ(planner.offset(i) % 512, 0);
      EXPECT_LE(planner.offset(i) + blocks[i].size, planner.totalBytes());
      for (int j = 0; j < i; ++j) {
        bool inTime = blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last;
        bool inSpace = planner.offset(i) < planner.offset(j) + blocks[j].size &&
                       planner.offset(j) < planner.offset(i) + blocks[i].size;
        EXPECT_FALSE(inTime && inSpace) << "blocks " << i << " and " << j;
      }
    }
  }
}
