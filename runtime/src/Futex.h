// Sleeping on a 32-bit atomic, and short waits that do not. std::atomic::wait needs libstdc++.

#ifndef ORIEL_RUNTIME_SRC_FUTEX_H
#define ORIEL_RUNTIME_SRC_FUTEX_H

#include <atomic>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace oriel {

/// Sleeps while `word` holds `expected`; may return early.
template <typename T>
void futexWait(std::atomic<T> &word, T expected) {
  static_assert(sizeof(std::atomic<T>) == 4);
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

/// Wakes at most `count` threads that sleep on `word`.
template <typename T>
void futexWake(std::atomic<T> &word, int32_t count) {
  static_assert(sizeof(std::atomic<T>) == 4);
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

inline void spinPause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// A wait that may spin for `limit` nanoseconds before it has to sleep. Reads the clock rarely, as
/// that costs as much as several looks at a word in cache.
class SpinBudget {
public:
  explicit SpinBudget(int64_t limit) : limit(limit) {}

  /// Pauses; false once the time is used up.
  bool spin() {
    spinPause();
    if (++pauses % 16 != 0) {
      return true;
    }
    int64_t now = clockNanoseconds();
    if (start == 0) {
      start = now;
    }
    return now - start < limit;
  }
  void reset() { start = 0; }

private:
  static int64_t clockNanoseconds() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  }

  int64_t limit;
  int64_t start = 0;
  unsigned pauses = 0;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_FUTEX_H
