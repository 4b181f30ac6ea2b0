//===- BenchReport.cpp - Measurements as text and as JSON -----------------===//

#include "tests/bench/BenchReport.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace oriel;
using namespace oriel::bench;
using llvm::format;

namespace {

/// Seconds of all launches of all kernels, and their limits.
struct Total {
  double seconds = 0, limit = 0;
};

} // namespace

static Total totalOf(llvm::ArrayRef<Measurement> measurements, const MachinePeaks &peaks,
                     int threads) {
  Total total;
  for (const Measurement &measurement : measurements) {
    total.seconds += measurement.launches * measurement.seconds[threads - 1];
    total.limit += measurement.launches * measurement.limit(peaks, threads).seconds();
  }
  return total;
}

std::string bench::formatPeaks(const MachinePeaks &peaks) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << format("peaks of a core: %.1f GFLOP/s, %.2f G exp/s, %.2f G silu/s, %.2f G gelu/s\n",
                peaks.flops * 1e-9, peaks.exponentials * 1e-9, peaks.silus * 1e-9,
                peaks.gelus * 1e-9);
  for (const Bandwidth &bandwidth : peaks.bandwidths) {
    out << format("%7s", bandwidth.name().c_str());
    for (int i = 0; i < mostThreads; ++i) {
      out << format(" %d thread%s: read %6.1f GB/s, write %6.1f GB/s ", i + 1, i ? "s" : " ",
                    bandwidth.read[i] * 1e-9, bandwidth.write[i] * 1e-9);
    }
    out << "\n";
  }
  return text;
}

std::string bench::formatMeasurement(const Measurement &measurement, const MachinePeaks &peaks) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (int threads = 1; threads <= mostThreads; ++threads) {
    KernelLimit limit = measurement.limit(peaks, threads);
    const KernelWork &work = measurement.work;
    double seconds = measurement.seconds[threads - 1];
    std::string name = measurement.name + " x" + std::to_string(measurement.launches);
    out << format("%-32s %d %9.4f ms %7.1f GFLOP/s %3.0f%% %7.1f GB/s %3.0f%% of %-6s ",
                  threads == 1 ? name.c_str() : "", threads, seconds * 1e3,
                  static_cast<double>(work.flops) / seconds * 1e-9,
                  100 * static_cast<double>(work.flops) / seconds / measurement.flopsPeak / threads,
                  static_cast<double>(work.bytes()) / seconds * 1e-9, 100 * limit.memory / seconds,
                  limit.bandwidth->name().c_str());
    out << format("%5.2f x limit (%s)", seconds / limit.seconds(), limit.boundBy());
    if (threads == 1) {
      out << format(" | %.2f s | ", measurement.compileSeconds) << measurement.schedule;
    }
    out << "\n";
  }
  return text;
}

std::string bench::formatTotal(llvm::ArrayRef<Measurement> measurements,
                               const MachinePeaks &peaks) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (int threads = 1; threads <= mostThreads; ++threads) {
    Total total = totalOf(measurements, peaks, threads);
    out << format("all launches, threads %d: %.3f ms, limit %.3f ms, %.2f x limit\n", threads,
                  total.seconds * 1e3, total.limit * 1e3, total.seconds / total.limit);
  }
  return text;
}

llvm::json::Object bench::toJson(const MachinePeaks &peaks) {
  llvm::json::Array bandwidths;
  for (const Bandwidth &bandwidth : peaks.bandwidths) {
    llvm::json::Array read, write;
    for (int i = 0; i < mostThreads; ++i) {
      read.push_back(bandwidth.read[i] * 1e-9);
      write.push_back(bandwidth.write[i] * 1e-9);
    }
    bandwidths.push_back(llvm::json::Object{{"bytes", bandwidth.bytes},
                                            {"read_gbs", std::move(read)},
                                            {"write_gbs", std::move(write)}});
  }
  return llvm::json::Object{{"fma_gflops", peaks.flops * 1e-9},
                            {"giga_exp", peaks.exponentials * 1e-9},
                            {"giga_silu", peaks.silus * 1e-9},
                            {"giga_gelu", peaks.gelus * 1e-9},
                            {"bandwidths", std::move(bandwidths)}};
}

static llvm::json::Object toJson(const Measurement &measurement, const MachinePeaks &peaks) {
  const KernelWork &work = measurement.work;
  llvm::json::Array runs;
  for (int threads = 1; threads <= mostThreads; ++threads) {
    KernelLimit limit = measurement.limit(peaks, threads);
    double seconds = measurement.seconds[threads - 1];
    runs.push_back(llvm::json::Object{
        {"threads", threads},
        {"ms", seconds * 1e3},
        {"gflops", static_cast<double>(work.flops) / seconds * 1e-9},
        {"fma_share", static_cast<double>(work.flops) / seconds / measurement.flopsPeak / threads},
        {"gbs", static_cast<double>(work.bytes()) / seconds * 1e-9},
        {"bandwidth_share", limit.memory / seconds},
        {"bandwidth_at", limit.bandwidth->name()},
        {"limit_ms", limit.seconds() * 1e3},
        {"ratio", seconds / limit.seconds()},
        {"bound_by", limit.boundBy()}});
  }
  return llvm::json::Object{{"name", measurement.name},
                            {"launches", measurement.launches},
                            {"layer", measurement.layer},
                            {"schedule", measurement.schedule},
                            {"compile_s", measurement.compileSeconds},
                            {"flops", work.flops},
                            {"exponentials", work.exponentials},
                            {"silus", work.silus},
                            {"gelus", work.gelus},
                            {"activation_bytes", work.activationBytes},
                            {"parameter_bytes", work.parameterBytes},
                            {"result_bytes", work.resultBytes},
                            {"runs", std::move(runs)}};
}

llvm::json::Object bench::toJson(llvm::ArrayRef<Measurement> measurements,
                                 const MachinePeaks &peaks) {
  llvm::json::Array kernels, totals;
  for (const Measurement &measurement : measurements) {
    kernels.push_back(::toJson(measurement, peaks));
  }
  for (int threads = 1; threads <= mostThreads; ++threads) {
    Total total = totalOf(measurements, peaks, threads);
    totals.push_back(llvm::json::Object{{"threads", threads},
                                        {"ms", total.seconds * 1e3},
                                        {"limit_ms", total.limit * 1e3},
                                        {"ratio", total.seconds / total.limit}});
  }
  return llvm::json::Object{
      {"peaks", toJson(peaks)}, {"kernels", std::move(kernels)}, {"total", std::move(totals)}};
}
