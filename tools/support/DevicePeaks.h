//===- DevicePeaks.h - What a device can do at most -----------------------===//
#ifndef ORIEL_TOOLS_SUPPORT_DEVICEPEAKS_H
#define ORIEL_TOOLS_SUPPORT_DEVICEPEAKS_H

#include "runtime/src/Device.h"
#include "tools/support/DevicePeakKernels.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

/// Kernels of peaks on a device, at work alone. What fails leaves its one line in `error`, after
/// which nothing is launched.
class DevicePeakBench {
public:
  DevicePeakBench(const DeviceApi &api, DevicePeakKernels kernels);
  ~DevicePeakBench();
  DevicePeakBench(const DevicePeakBench &) = delete;
  DevicePeakBench &operator=(const DevicePeakBench &) = delete;

  /// float32 operations a second of multiply-adds.
  double measureFlops();
  /// Bytes a second that are read again and again of `bytes` bytes, a power of two of at least
  /// 1 MiB; 0, with no error, where the device has no memory for so many.
  double measureReading(int64_t bytes);

  /// The results of multiply_add.
  std::vector<float> multiplyAdd(int blocks, int threads, int steps, float factor, float term);
  /// The results of read_memory of these values, as many as measureReading takes.
  std::vector<float> readMemory(const std::vector<float> &values, int threads, int turns);

  std::string error;

private:
  /// A kernel with its grid and arguments; `turns` is what makes it longer.
  struct Work;

  /// Calls the device, unless something has failed.
  template <typename Call>
  void attempt(Call call);
  void openQueue();
  void closeQueue();
  void *allocate(int64_t bytes);
  Work prepareArithmetic(int blocks, int threads);
  Work prepareReading(int64_t bytes, int threads);
  void launch(const Work &work);
  double secondsOf(const Work &work);
  double turnsPerSecond(Work work);
  std::vector<float> resultsOf(const Work &work);
  /// How many threads a block may have.
  std::vector<int> sizesOfBlocks() const;

  const DeviceApi &api;
  DevicePeakKernels kernels;
  DeviceModule *module = nullptr;
  DeviceQueue *queue = nullptr;
  oriel_status status = ORIEL_OK;
};

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_DEVICEPEAKS_H
