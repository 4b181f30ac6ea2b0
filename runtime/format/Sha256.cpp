#include "runtime/format/Sha256.h"

#include <cstring>

using namespace oriel;

static void storeBigEndian(uint32_t x, uint8_t *p) {
  for (int i = 0; i < 4; ++i) {
    p[i] = uint8_t(x >> (24 - 8 * i));
  }
}

Sha256::Sha256() {
  Sha256Blocks instructions = findSha256Instructions();
  processBlocks = instructions != nullptr ? instructions : processSha256Blocks;
}

void Sha256::update(const void *data, size_t size) {
  auto *bytes = static_cast<const uint8_t *>(data);
  size_t pendingSize = totalSize % 64;
  totalSize += size;
  if (pendingSize != 0) {
    size_t taken = size < 64 - pendingSize ? size : 64 - pendingSize;
    memcpy(pending + pendingSize, bytes, taken);
    bytes += taken, size -= taken;
    if (pendingSize + taken < 64) {
      return;
    }
    processBlocks(state, pending, 1);
  }
  processBlocks(state, bytes, size / 64);
  if (size % 64 != 0) {
    memcpy(pending, bytes + size / 64 * 64, size % 64);
  }
}

void Sha256::finish(uint8_t digest[digestSize]) {
  // Section 5.1.1: a one bit, zeros, the length in bits as 64-bit big-endian.
  uint64_t bits = totalSize * 8;
  uint8_t padding[72] = {0x80};
  size_t paddingSize = 1 + (119 - totalSize % 64) % 64;
  storeBigEndian(uint32_t(bits >> 32), padding + paddingSize);
  storeBigEndian(uint32_t(bits), padding + paddingSize + 4);
  update(padding, paddingSize + 8);
  for (int i = 0; i < 8; ++i) {
    storeBigEndian(state[i], digest + 4 * i);
  }
}
