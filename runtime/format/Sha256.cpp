#include "runtime/format/Sha256.h"

#include <cstring>

using namespace oriel;

namespace {

// FIPS 180-4, section 4.2.2.
constexpr uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t rotateRight(uint32_t x, int n) { return x >> n | x << (32 - n); }

uint32_t loadBigEndian(const uint8_t *p) {
  return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 | p[3];
}

void storeBigEndian(uint32_t x, uint8_t *p) {
  for (int i = 0; i < 4; ++i) {
    p[i] = uint8_t(x >> (24 - 8 * i));
  }
}

// Section 6.2.2, step 1.
void expandMessage(const uint8_t *block, uint32_t w[64]) {
  for (int i = 0; i < 16; ++i) {
    w[i] = loadBigEndian(block + 4 * i);
  }
  for (int i = 16; i < 64; ++i) {
    uint32_t s0 = rotateRight(w[i - 15], 7) ^ rotateRight(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotateRight(w[i - 2], 17) ^ rotateRight(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
}

} // namespace

// Section 6.2.2, steps 2 to 4.
void Sha256::processBlocks(const uint8_t *data, size_t blockCount) {
  for (; blockCount > 0; --blockCount, data += 64) {
    uint32_t w[64];
    expandMessage(data, w);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; ++i) {
      uint32_t s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
      uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + w[i];
      uint32_t s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
      uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1;
      d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }
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
    processBlocks(pending, 1);
  }
  processBlocks(bytes, size / 64);
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
