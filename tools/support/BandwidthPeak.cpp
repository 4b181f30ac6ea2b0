//===- BandwidthPeak.cpp - The bandwidth of caches and memory -------------===//
//
// Reading is measured by sums over a buffer, copying between its halves.
//
//===----------------------------------------------------------------------===//

#include "tools/support/BandwidthPeak.h"

#include <algorithm>
#include <barrier>
#include <ctime>
#include <immintrin.h>
#include <memory>
#include <thread>
#include <vector>

using namespace oriel;

namespace {

/// Floats that both loops take a step; extents are multiples of it.
constexpr int64_t step = 128;

using Pass = void (*)(float *data, int64_t count);

struct AlignedDelete {
  void operator()(float *data) const { operator delete[](data, std::align_val_t(64)); }
};

} // namespace

__attribute__((target("avx2"))) static void readAvx2(float *data, int64_t count) {
  __m256 sums[8] = {};
  for (int64_t i = 0; i < count; i += 64) {
    for (int j = 0; j < 8; ++j) {
      sums[j] = _mm256_add_ps(sums[j], _mm256_load_ps(data + i + int64_t(8 * j)));
    }
  }
  for (__m256 &sum : sums) {
    asm volatile("" ::"x"(sum));
  }
}

__attribute__((target("avx512f"))) static void readAvx512(float *data, int64_t count) {
  __m512 sums[8] = {};
  for (int64_t i = 0; i < count; i += 128) {
    for (int j = 0; j < 8; ++j) {
      sums[j] = _mm512_add_ps(sums[j], _mm512_load_ps(data + i + int64_t(16 * j)));
    }
  }
  for (__m512 &sum : sums) {
    asm volatile("" ::"v"(sum));
  }
}

__attribute__((target("avx2"))) static void copyAvx2(float *data, int64_t count) {
  float *target = data + count / 2;
  for (int64_t i = 0; i < count / 2; i += 8) {
    _mm256_store_ps(target + i, _mm256_load_ps(data + i));
  }
  asm volatile("" ::: "memory");
}

__attribute__((target("avx512f"))) static void copyAvx512(float *data, int64_t count) {
  float *target = data + count / 2;
  for (int64_t i = 0; i < count / 2; i += 16) {
    _mm512_store_ps(target + i, _mm512_load_ps(data + i));
  }
  asm volatile("" ::: "memory");
}

static double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Least seconds of a pass over `bytes` on each of `threads` threads at once: the processor time of
/// the slower.
static double secondsOf(Pass pass, int64_t bytes, int threads) {
  constexpr int turns = 6;
  constexpr double secondsOfTurn = 5e-3;
  // Reading the clock takes as long as 16 KB from the first-level cache.
  int64_t passesPerCheck = std::max<int64_t>(1, (1 << 20) / bytes);
  int64_t count = bytes / 4 / (2 * step) * 2 * step;
  std::vector<double> seconds(static_cast<size_t>(threads) * turns);
  std::barrier together(threads);
  auto work = [&](int thread) {
    std::unique_ptr<float[], AlignedDelete> data(new (std::align_val_t(64)) float[size_t(count)]);
    std::fill_n(data.get(), count, 1.0f);
    for (int turn = 0; turn < turns; ++turn) {
      together.arrive_and_wait();
      double begin = now(), end = begin;
      int64_t passes = 0;
      for (; end - begin < secondsOfTurn || passes < 2; passes += passesPerCheck) {
        for (int64_t i = 0; i < passesPerCheck; ++i) {
          pass(data.get(), count);
        }
        end = now();
      }
      seconds[static_cast<size_t>(turn) * threads + thread] =
          (end - begin) / static_cast<double>(passes);
    }
  };
  std::vector<std::jthread> others;
  for (int thread = 1; thread < threads; ++thread) {
    others.emplace_back(work, thread);
  }
  work(0);
  others.clear();
  double best = 1e9;
  for (auto turn = seconds.begin(); turn != seconds.end(); turn += threads) {
    best = std::min(best, *std::max_element(turn, turn + threads));
  }
  return best;
}

double oriel::secondsOfReading(std::string_view target, int64_t bytes, int threads) {
  return secondsOf(target == "x86-64-v4" ? readAvx512 : readAvx2, bytes, threads);
}

double oriel::secondsOfCopying(std::string_view target, int64_t bytes, int threads) {
  return secondsOf(target == "x86-64-v4" ? copyAvx512 : copyAvx2, bytes, threads);
}
