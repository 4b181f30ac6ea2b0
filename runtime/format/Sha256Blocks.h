// The step of SHA-256 that takes all the time, in plain C++ and in the processor's instructions.

#ifndef ORIEL_RUNTIME_FORMAT_SHA256BLOCKS_H
#define ORIEL_RUNTIME_FORMAT_SHA256BLOCKS_H

#include <cstddef>
#include <cstdint>

namespace oriel {

/// FIPS 180-4, section 6.2.2: takes `blockCount` blocks of 64 bytes at `data` into `state`.
using Sha256Blocks = void (*)(uint32_t state[8], const uint8_t *data, size_t blockCount);

void processSha256Blocks(uint32_t state[8], const uint8_t *data, size_t blockCount);

/// The same with the instructions for SHA-256 of this processor, some six times as fast; nullptr
/// where it lacks them.
Sha256Blocks findSha256Instructions();

} // namespace oriel

#endif // ORIEL_RUNTIME_FORMAT_SHA256BLOCKS_H
