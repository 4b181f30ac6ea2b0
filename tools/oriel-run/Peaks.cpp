#include "tools/oriel-run/Peaks.h"

#include "tools/support/BandwidthPeak.h"
#include "tools/support/FmaPeak.h"

using namespace oriel;

double Peaks::rateFor(int64_t bytes, int threads) const {
  double rate = readings.front().rate;
  for (const Reading &reading : readings) {
    if (reading.bytes <= bytes / threads) {
      rate = reading.rate;
    }
  }
  return rate;
}

Peaks oriel::measurePeaks(const oriel_variant &variant, int threads) {
  constexpr int64_t kilobyte = 1024, megabyte = kilobyte * kilobyte;
  constexpr double milliseconds = 20;
  Peaks peaks;
  if (std::string(variant.device) != "cpu") {
    peaks.missing = "peaks of the device " + std::string(variant.device) + " are not measured";
    return peaks;
  }
  constexpr uint64_t needed = ORIEL_ISA_AVX2 | ORIEL_ISA_FMA;
  if ((oriel_cpu_features() & needed) != needed) {
    peaks.missing = "peaks are measured with AVX2, which this processor lacks";
    return peaks;
  }
  // The vectors that the variant's code may use.
  peaks.flops = threads * measureFmaPeak(variant.target, milliseconds);
  for (int64_t bytes :
       {16 * kilobyte, 256 * kilobyte, 2 * megabyte, 16 * megabyte, 64 * megabyte}) {
    double seconds = secondsOfReading(variant.target, bytes, threads);
    peaks.readings.push_back({bytes, double(bytes) * threads / seconds});
  }
  return peaks;
}
