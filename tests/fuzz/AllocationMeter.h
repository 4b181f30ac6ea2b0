// How much memory a piece of code asks for.

#ifndef ORIEL_TESTS_FUZZ_ALLOCATIONMETER_H
#define ORIEL_TESTS_FUZZ_ALLOCATIONMETER_H

#include <cstdint>

namespace oriel::fuzz {

/// Counts the bytes that the process has allocated and not freed, whoever asked for them, the
/// system's libraries included. Through the hooks of a sanitizer's runtime, which the program must
/// be linked with. For one thread.
class AllocationMeter {
public:
  AllocationMeter();
  /// The most bytes at any time since the construction, beyond those there were then.
  int64_t peak() const;

private:
  int64_t start = 0;
};

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_ALLOCATIONMETER_H
