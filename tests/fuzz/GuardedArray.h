//===- GuardedArray.h - Memory that faults behind its end -----------------===//
#ifndef ORIEL_TESTS_FUZZ_GUARDEDARRAY_H
#define ORIEL_TESTS_FUZZ_GUARDEDARRAY_H

#include "compiler/Reference/Tensor.h"
#include "oriel/module_abi.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <sys/mman.h>

namespace oriel::fuzz {

/// Elements whose last stands right before a page that faults.
class GuardedArray {
public:
  /// Elements of float32, all not-a-number.
  explicit GuardedArray(size_t count) : GuardedArray(count, sizeof(float)) {}

  /// An input of a module, read-only: elements of ORIEL_ELEMENT_*, where the tensor's values are
  /// whole numbers if those are bytes.
  GuardedArray(const Tensor &tensor, int32_t elementType)
      : GuardedArray(tensor.values.size(), elementType == ORIEL_ELEMENT_U8 ? 1 : sizeof(float)) {
    if (elementType == ORIEL_ELEMENT_U8) {
      std::copy(tensor.values.begin(), tensor.values.end(),
                reinterpret_cast<uint8_t *>(mapping + bytes - used));
    } else {
      std::copy(tensor.values.begin(), tensor.values.end(), data());
    }
    makeReadOnly();
  }

  ~GuardedArray() { munmap(mapping, bytes + pageBytes); }
  GuardedArray(const GuardedArray &) = delete;
  GuardedArray &operator=(const GuardedArray &) = delete;

  float *data() const { return reinterpret_cast<float *>(mapping + bytes - used); }
  void makeReadOnly() { mprotect(mapping, bytes, PROT_READ); }

  /// Whether what stands before the elements is as it was.
  bool frontIsIntact() const {
    return std::all_of(reinterpret_cast<float *>(mapping), data(),
                       [](float value) { return std::isnan(value); });
  }

private:
  static constexpr size_t pageBytes = 4096;
  static float unset() { return std::numeric_limits<float>::quiet_NaN(); }

  GuardedArray(size_t count, size_t elementBytes)
      : used(count * elementBytes), bytes((used + pageBytes - 1) / pageBytes * pageBytes) {
    mapping = static_cast<char *>(
        mmap(nullptr, bytes + pageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(mapping, bytes, PROT_READ | PROT_WRITE);
    std::fill_n(reinterpret_cast<float *>(mapping), bytes / sizeof(float), unset());
  }

  /// Of the elements, and with what stands before them.
  size_t used, bytes;
  char *mapping;
};

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GUARDEDARRAY_H
