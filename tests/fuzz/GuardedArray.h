//===- GuardedArray.h - Memory that faults behind its end -----------------===//
#ifndef ORIEL_TESTS_FUZZ_GUARDEDARRAY_H
#define ORIEL_TESTS_FUZZ_GUARDEDARRAY_H

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <sys/mman.h>

namespace oriel::fuzz {

/// Elements whose last stands right before a page that faults.
class GuardedArray {
public:
  /// All elements are not-a-number.
  explicit GuardedArray(size_t count)
      : count(count), bytes((count * sizeof(float) + pageBytes - 1) / pageBytes * pageBytes) {
    mapping = static_cast<char *>(
        mmap(nullptr, bytes + pageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(mapping, bytes, PROT_READ | PROT_WRITE);
    std::fill(reinterpret_cast<float *>(mapping), data() + count, unset());
  }
  ~GuardedArray() { munmap(mapping, bytes + pageBytes); }
  GuardedArray(const GuardedArray &) = delete;
  GuardedArray &operator=(const GuardedArray &) = delete;

  float *data() const { return reinterpret_cast<float *>(mapping + bytes) - count; }
  void makeReadOnly() { mprotect(mapping, bytes, PROT_READ); }

  /// Whether what stands before the elements is as it was.
  bool frontIsIntact() const {
    return std::all_of(reinterpret_cast<float *>(mapping), data(),
                       [](float value) { return std::isnan(value); });
  }

private:
  static constexpr size_t pageBytes = 4096;
  static float unset() { return std::numeric_limits<float>::quiet_NaN(); }

  size_t count, bytes;
  char *mapping;
};

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GUARDEDARRAY_H
