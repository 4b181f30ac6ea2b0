//===- BenchReport.h - Measurements as text and as JSON -------------------===//
#ifndef ORIEL_TESTS_BENCH_BENCHREPORT_H
#define ORIEL_TESTS_BENCH_BENCHREPORT_H

#include "tests/bench/Measurement.h"

#include "llvm/Support/JSON.h"

namespace oriel::bench {

std::string formatPeaks(const MachinePeaks &peaks);
/// A line for each number of threads.
std::string formatMeasurement(const Measurement &measurement, const MachinePeaks &peaks);
/// Times and limits over all launches, for each number of threads.
std::string formatTotal(llvm::ArrayRef<Measurement> measurements, const MachinePeaks &peaks);

llvm::json::Object toJson(const MachinePeaks &peaks);
/// "peaks", "kernels" and "total".
llvm::json::Object toJson(llvm::ArrayRef<Measurement> measurements, const MachinePeaks &peaks);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_BENCHREPORT_H
