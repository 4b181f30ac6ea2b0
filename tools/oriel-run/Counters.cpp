#include "tools/oriel-run/Counters.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace oriel;

namespace {

struct Event {
  uint32_t type;
  uint64_t config;
};

constexpr std::array<Event, Counters::eventCount> events = {{
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
}};

/// A file to read the count of this thread and of those that it starts, or -1.
int openEvent(const Event &event) {
  perf_event_attr attributes = {};
  attributes.size = sizeof attributes;
  attributes.type = event.type;
  attributes.config = event.config;
  attributes.inherit = 1;
  // What perf_event_paranoid 2, the kernel's default, allows.
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  // Where there are more events than counters, they take turns: what was counted is scaled up.
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return int(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::string explain(int code) {
  if (code == ENOENT || code == EOPNOTSUPP || code == ENODEV) {
    return "this machine, or its hypervisor, has none (" + std::string(strerror(code)) + ")";
  }
  std::string level = "unknown";
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> level;
  return "not allowed (" + std::string(strerror(code)) + "): kernel.perf_event_paranoid is " +
         level + ", 2 or less allows them, and so may the container's seccomp profile not";
}

} // namespace

const std::array<const char *, Counters::eventCount> Counters::names = {
    "cycles", "instructions", "cache_misses", "branch_misses", "page_faults"};

Counters::Counters() {
  for (size_t i = 0; i < eventCount; ++i) {
    files[i] = openEvent(events[i]);
    if (files[i] < 0 && reason.empty()) {
      reason = explain(errno);
    }
  }
}

Counters::~Counters() {
  for (int file : files) {
    if (file >= 0) {
      close(file);
    }
  }
}

Counters::Counts Counters::read() const {
  Counts counts = {};
  for (size_t i = 0; i < eventCount; ++i) {
    struct {
      uint64_t value, enabled, running;
    } state = {};
    if (files[i] >= 0 && ::read(files[i], &state, sizeof state) == sizeof state &&
        state.running > 0) {
      counts[i] =
          state.running == state.enabled
              ? state.value
              : uint64_t(double(state.value) * double(state.enabled) / double(state.running));
    }
  }
  return counts;
}

void Counters::start(int32_t launchCount) {
  ofLaunches.assign(size_t(launchCount), {});
  isOn = true;
}

void Counters::beginLaunch(void *counters, int32_t /*launch*/) {
  auto &self = *static_cast<Counters *>(counters);
  if (self.isOn) {
    self.atBegin = self.read();
  }
}

void Counters::endLaunch(void *counters, int32_t launch) {
  auto &self = *static_cast<Counters *>(counters);
  if (!self.isOn) {
    return;
  }
  Counts now = self.read();
  for (size_t i = 0; i < eventCount; ++i) {
    // Scaled counts need not grow.
    uint64_t begin = self.atBegin[i];
    self.ofLaunches[size_t(launch)][i] += now[i] > begin ? now[i] - begin : 0;
  }
}
