#include "runtime/src/Device.h"

#include "runtime/src/CudaDevice.h"
#include "runtime/src/OpenClDevice.h"

#include <cstring>
#include <sys/mman.h>

using namespace oriel;

void *oriel::allocateOnCpu(uint64_t bytes) {
  constexpr uint64_t hugePageBytes = uint64_t(2) << 20;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return nullptr;
  }
  // An arena is walked from end to end in every run, the first one, too. Only advice: a refusal
  // does no harm.
  if (bytes >= hugePageBytes) {
    madvise(memory, bytes, MADV_HUGEPAGE);
  }
  madvise(memory, bytes, MADV_POPULATE_WRITE);
  return memory;
}

void oriel::releaseOnCpu(void *memory, uint64_t bytes) { munmap(memory, bytes); }

static constexpr Device devices[] = {
    {"cpu", oriel_cpu_features, nullptr},
    {"cuda", oriel_cpu_features, cudaApi},
    {"opencl", oriel_cpu_features, openClApi},
};

const Device *oriel::findDevice(const char *name) {
  for (const Device &device : devices) {
    if (strcmp(device.name, name) == 0) {
      return &device;
    }
  }
  return nullptr;
}
