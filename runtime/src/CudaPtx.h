// Changes to the text of PTX that only the runtime can make: it knows the size of a kernel's
// blocks.

#ifndef ORIEL_RUNTIME_SRC_CUDAPTX_H
#define ORIEL_RUNTIME_SRC_CUDAPTX_H

#include <cstdint>

namespace oriel {

/// The text without all entries but `entry`, which gets `.maxntid` of the block's size, so that
/// ptxas gives its threads as many registers as they can have. Halide says nothing of blocks, and
/// ptxas then reckons with 1024 threads (halide/Halide#9284). The caller frees the text; nullptr
/// where the source has no such entry, or memory is out.
char *isolatePtxEntry(const char *source, const char *entry, const int32_t threads[3]);

/// 10 * major + minor of the source's `.target sm_XY`; 0 where there is none.
int32_t requiredCapability(const char *source);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CUDAPTX_H
