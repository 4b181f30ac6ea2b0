// SHA-256 (FIPS 180-4) of data that comes in pieces. Needs no library, so that the runtime can
// check a module with libc alone.

#ifndef ORIEL_RUNTIME_FORMAT_SHA256_H
#define ORIEL_RUNTIME_FORMAT_SHA256_H

#include "runtime/format/Sha256Blocks.h"

namespace oriel {

class Sha256 {
public:
  static constexpr size_t digestSize = 32;

  Sha256();

  void update(const void *data, size_t size);
  /// Writes the digest of all data so far; the object is used up.
  void finish(uint8_t digest[digestSize]);

private:
  Sha256Blocks processBlocks;
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t totalSize = 0;
  uint8_t pending[64];
};

} // namespace oriel

#endif // ORIEL_RUNTIME_FORMAT_SHA256_H
