#include "runtime/format/Sha256.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

using namespace oriel;

static std::string hexDigest(Sha256 &hash) {
  uint8_t digest[32];
  hash.finish(digest);
  std::string text;
  for (uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

static std::string hexDigest(const std::string &data) {
  Sha256 hash;
  hash.update(data.data(), data.size());
  return hexDigest(hash);
}

// FIPS 180-4 examples and NIST's one-million-a vector.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(hexDigest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexDigest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexDigest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hexDigest(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheDataIsCut) {
  std::string data;
  for (int i = 0; i < 300; ++i) {
    data += char(i * 37);
  }
  std::string whole = hexDigest(data);
  for (size_t piece : {1u, 3u, 55u, 56u, 63u, 64u, 65u, 119u, 120u, 128u, 200u}) {
    Sha256 hash;
    for (size_t begin = 0; begin < data.size(); begin += piece) {
      hash.update(data.data() + begin, std::min(piece, data.size() - begin));
    }
    EXPECT_EQ(hexDigest(hash), whole) << "pieces of " << piece;
  }
}

TEST(Sha256, IsTheSameInTheProcessorsInstructions) {
  Sha256Blocks instructions = findSha256Instructions();
  if (instructions == nullptr) {
    GTEST_SKIP() << "this processor has no instructions for SHA-256";
  }
  std::string data;
  for (int i = 0; i < 64 * 9; ++i) {
    data += char(i * i * 37 + i * 11);
  }
  auto *bytes = reinterpret_cast<const uint8_t *>(data.data());
  for (size_t blocks : {0u, 1u, 2u, 9u}) {
    uint32_t plain[8] = {1, 2, 3, 4, 5, 6, 7, 0xfffffff0}, fast[8];
    memcpy(fast, plain, sizeof plain);
    processSha256Blocks(plain, bytes, blocks);
    instructions(fast, bytes, blocks);
    EXPECT_EQ(memcmp(plain, fast, sizeof plain), 0) << blocks << " blocks";
  }
}
