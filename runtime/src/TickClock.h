// The cheapest clock there is, for a few readings in each launch.

#ifndef ORIEL_RUNTIME_SRC_TICKCLOCK_H
#define ORIEL_RUNTIME_SRC_TICKCLOCK_H

#include <cstdint>
#include <ctime>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace oriel {

/// Ticks are those of the processor's time stamp counter where the system trusts it to be steady
/// and the same on all processors, else nanoseconds.
class TickClock {
public:
  /// A clock that reads nanoseconds.
  TickClock() = default;
  /// Asks the system, through a file.
  static TickClock best();

  uint64_t ticks() const {
#if defined(__x86_64__)
    if (isCounter) {
      return __rdtsc();
    }
#endif
    return nanoseconds();
  }
  /// Of CLOCK_MONOTONIC.
  static uint64_t nanoseconds() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
  }

  /// One moment on both clocks.
  struct Moment {
    uint64_t nanoseconds, ticks;
  };
  Moment now() const {
    uint64_t time = nanoseconds();
    return {time, isCounter ? ticks() : time};
  }

private:
  bool isCounter = false;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_TICKCLOCK_H
