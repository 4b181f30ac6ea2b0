//===- KernelLimit.cpp - The least time that a kernel can take ------------===//

#include "tests/bench/KernelLimit.h"

#include <algorithm>

using namespace oriel;
using namespace oriel::bench;

double KernelLimit::seconds() const { return std::max(products + functions, memory); }

const char *KernelLimit::boundBy() const {
  if (memory > products + functions) {
    return "memory";
  }
  return products > functions ? "FMA" : "functions";
}

std::string Bandwidth::name() const {
  constexpr int64_t kilobyte = 1024, megabyte = kilobyte * kilobyte;
  return bytes < megabyte ? std::to_string(bytes / kilobyte) + " KB"
                          : std::to_string(bytes / megabyte) + " MB";
}

static const Bandwidth &bandwidthOf(int64_t bytes, const MachinePeaks &peaks) {
  auto larger = std::find_if(std::next(peaks.bandwidths.begin()), peaks.bandwidths.end(),
                             [&](const Bandwidth &other) { return other.bytes > bytes; });
  return *std::prev(larger);
}

KernelLimit bench::limitOf(const KernelWork &work, const MachinePeaks &peaks, int threads) {
  KernelLimit limit;
  auto share = [&](int64_t count, double rate) {
    return static_cast<double>(count) / rate / threads;
  };
  limit.products = share(work.flops, peaks.flops);
  limit.functions = share(work.exponentials, peaks.exponentials) + share(work.silus, peaks.silus) +
                    share(work.gelus, peaks.gelus);
  limit.bandwidth = &bandwidthOf(work.bytes() / threads, peaks);
  limit.memory = static_cast<double>(work.readBytes()) / limit.bandwidth->read[threads - 1] +
                 static_cast<double>(work.resultBytes) / limit.bandwidth->write[threads - 1];
  return limit;
}
