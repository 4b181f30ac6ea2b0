#include "tools/oriel-run/Peaks.h"

#include "tools/support/BandwidthPeak.h"
#include "tools/support/DevicePeaks.h"
#include "tools/support/FmaPeak.h"

#include "runtime/src/CudaDevice.h"
#include "runtime/src/OpenClDevice.h"

using namespace oriel;

double Peaks::rateFor(int64_t bytes) const {
  double rate = readings.front().rate;
  for (const Reading &reading : readings) {
    if (reading.bytes <= bytes / readers) {
      rate = reading.rate;
    }
  }
  return rate;
}

static constexpr int64_t kilobyte = 1024, megabyte = kilobyte * kilobyte;

static Peaks measureDevice(bool isCuda) {
  DevicePeakBench bench(isCuda ? *cudaApi() : *openClApi(),
                        isCuda ? makeCudaPeakKernels() : makeOpenClPeakKernels());
  Peaks peaks;
  peaks.flops = bench.measureFlops();
  // What a device's last cache holds, and what it does not.
  for (int64_t bytes : {4 * megabyte, 256 * megabyte}) {
    if (double rate = bench.measureReading(bytes); rate > 0) {
      peaks.readings.push_back({bytes, rate});
    }
  }
  if (!bench.error.empty()) {
    peaks.missing = "peaks are not measured: " + bench.error;
  } else if (peaks.readings.empty()) {
    peaks.missing = "peaks are not measured: the device has no memory left for it";
  }
  return peaks;
}

Peaks oriel::measurePeaks(const oriel_variant &variant, int threads) {
  constexpr double milliseconds = 20;
  std::string device = variant.device;
  if (device != "cpu") {
    return measureDevice(device == "cuda");
  }
  Peaks peaks;
  constexpr uint64_t needed = ORIEL_ISA_AVX2 | ORIEL_ISA_FMA;
  if ((oriel_cpu_features() & needed) != needed) {
    peaks.missing = "peaks are measured with AVX2, which this processor lacks";
    return peaks;
  }
  peaks.readers = threads;
  // The vectors that the variant's code may use.
  peaks.flops = threads * measureFmaPeak(variant.target, milliseconds);
  for (int64_t bytes :
       {16 * kilobyte, 256 * kilobyte, 2 * megabyte, 16 * megabyte, 64 * megabyte}) {
    double seconds = secondsOfReading(variant.target, bytes, threads);
    peaks.readings.push_back({bytes, double(bytes) * threads / seconds});
  }
  return peaks;
}
