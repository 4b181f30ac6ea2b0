//===- FmaPeak.cpp - The arithmetic peak of a core ------------------------===//

#include "tools/support/FmaPeak.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <immintrin.h>

using namespace oriel;

static constexpr int sums = 12;

/// `steps` multiply-adds of each of the sums; the asm keeps them in registers and apart.
__attribute__((target("avx2,fma"))) static void runAvx2(long steps) {
  __m256 values[sums], factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(1e-6f);
  for (__m256 &value : values) {
    value = _mm256_set1_ps(1e-3f);
  }
  for (long step = 0; step < steps; ++step) {
    for (__m256 &value : values) {
      value = _mm256_fmadd_ps(value, factor, term);
      asm volatile("" : "+x"(value));
    }
  }
}

__attribute__((target("avx512f"))) static void runAvx512(long steps) {
  __m512 values[sums], factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(1e-6f);
  for (__m512 &value : values) {
    value = _mm512_set1_ps(1e-3f);
  }
  for (long step = 0; step < steps; ++step) {
    for (__m512 &value : values) {
      value = _mm512_fmadd_ps(value, factor, term);
      asm volatile("" : "+v"(value));
    }
  }
}

static double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double oriel::measureFmaPeak(std::string_view target, double milliseconds) {
  using Clock = std::chrono::steady_clock;
  constexpr long steps = 100000;
  bool wide = target == "x86-64-v4";
  double best = 0;
  Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double, std::milli>(milliseconds));
  while (Clock::now() < end) {
    double begin = now();
    wide ? runAvx512(steps) : runAvx2(steps);
    double seconds = now() - begin;
    best = std::max(best, 2.0 * steps * sums * (wide ? 16 : 8) / seconds);
  }
  return best;
}
