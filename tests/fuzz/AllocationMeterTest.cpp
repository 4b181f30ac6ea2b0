#include "tests/fuzz/AllocationMeter.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

using oriel::fuzz::AllocationMeter;

/// Calls the optimiser cannot leave out.
static void *(*volatile allocate)(size_t) = malloc;
static void (*volatile release)(void *) = free;

TEST(AllocationMeter, KeepsTheMostThatWasHeld) {
  void *before = allocate(1000000);
  AllocationMeter meter;
  EXPECT_EQ(meter.peak(), 0);
  for (int i = 0; i < 3; ++i) {
    void *first = allocate(100000), *second = allocate(50000);
    release(first);
    release(second);
  }
  EXPECT_EQ(meter.peak(), 150000);
  release(before);
}

TEST(AllocationMeter, CountsTheStandardLibrarysAllocations) {
  AllocationMeter meter;
  auto text = std::make_unique<std::string>();
  text->append(300000, ' ');
  EXPECT_GE(meter.peak(), 300000);
  EXPECT_LT(meter.peak(), 300200);
}

TEST(AllocationMeter, ForgetsWhatWasBefore) {
  void *before = allocate(100000);
  AllocationMeter meter;
  release(before);
  void *after = allocate(50000);
  EXPECT_EQ(meter.peak(), 0);
  release(after);
}
