#include "tests/fuzz/AllocationMeter.h"

#include <algorithm>
#include <sanitizer/allocator_interface.h>

using namespace oriel::fuzz;

// The hooks have no argument of ours, so what they count is global.
static int64_t heldBytes = 0;
static int64_t mostBytes = 0;

// Called by the sanitizer's runtime.
void __sanitizer_malloc_hook(const volatile void *, size_t size) {
  heldBytes += int64_t(size);
  mostBytes = std::max(mostBytes, heldBytes);
}

void __sanitizer_free_hook(const volatile void *ptr) {
  heldBytes -=
      ptr != nullptr ? int64_t(__sanitizer_get_allocated_size(const_cast<const void *>(ptr))) : 0;
}

AllocationMeter::AllocationMeter() {
  start = heldBytes;
  mostBytes = heldBytes;
}

int64_t AllocationMeter::peak() const { return mostBytes - start; }
