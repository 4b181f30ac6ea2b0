#include "runtime/format/ModuleNote.h"

#include "../ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <random>
#include <sys/mman.h>
#include <unistd.h>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;

namespace {

/// A file in memory, so that thousands of broken files cost nothing.
class MemoryFile {
public:
  explicit MemoryFile(const Bytes &content) : fd(memfd_create("module", MFD_CLOEXEC)) {
    if (fd < 0 || write(fd, content.data(), content.size()) != ssize_t(content.size())) {
      throw std::runtime_error("cannot make a file in memory");
    }
  }
  ~MemoryFile() { close(fd); }
  const int fd;
};

std::string locate(const Bytes &content, NoteLocation &location) {
  MemoryFile file(content);
  const char *reason = locateModuleNote(file.fd, content.size(), location);
  return reason == nullptr ? "" : reason;
}

std::string locate(const Bytes &content) {
  NoteLocation location;
  return locate(content, location);
}

template <typename T>
void store(Bytes &bytes, size_t offset, T value) {
  memcpy(bytes.data() + offset, &value, sizeof value);
}

TEST(ModuleNote, IsFoundInASharedObject) {
  NoteLocation location;
  Bytes elf = exampleElf();
  EXPECT_EQ(locate(elf, location), "");
  EXPECT_EQ(location.size, sizeof(oriel_module_note));
  EXPECT_EQ(memcmp(elf.data() + location.offset - 8, "Oriel\0\0\0", 8), 0);
}

TEST(ModuleNote, SaysWhyAFileHasNone) {
  Bytes elf = exampleElf();
  EXPECT_EQ(locate({}), "it is empty");
  EXPECT_EQ(locate(Bytes(10, 'x')), "it is not an ELF file");
  EXPECT_EQ(locate(Bytes(5000, 'x')), "it is not an ELF file");
  EXPECT_THAT(locate(Bytes(elf.begin(), elf.begin() + sizeof(Elf64_Ehdr))),
              HasSubstr("it is truncated"));
  Bytes other = elf;
  store<uint16_t>(other, offsetof(Elf64_Ehdr, e_machine), EM_SPARC);
  EXPECT_EQ(locate(other), "it is not a shared object for this architecture");
  other = elf;
  store<uint16_t>(other, offsetof(Elf64_Ehdr, e_phentsize), 8);
  EXPECT_EQ(locate(other), "its program headers are malformed");
  other = elf;
  store<uint64_t>(other, offsetof(Elf64_Ehdr, e_phoff), ~uint64_t(0) - 8);
  EXPECT_THAT(locate(other), HasSubstr("past its end"));
  other = elf;
  const char owner[] = ORIEL_NOTE_NAME;
  auto name = std::search(other.begin(), other.end(), std::begin(owner), std::end(owner));
  ASSERT_NE(name, other.end());
  *name = 'o';
  EXPECT_EQ(locate(other), "it has no Oriel note");
}

TEST(ModuleNote, StaysWithinTheFileWhateverItHolds) {
  Bytes elf = exampleElf();
  std::mt19937 generator(1);
  for (size_t size = 0; size < 4096; size += 7) {
    Bytes cut(elf.begin(), elf.begin() + ptrdiff_t(size));
    NoteLocation location = {0, 0};
    if (locate(cut, location).empty()) {
      EXPECT_LE(location.offset + location.size, size);
    }
  }
  // Every field of the headers and notes set to what overflows most easily.
  for (uint64_t value :
       {~uint64_t(0), ~uint64_t(0) >> 1, uint64_t(1) << 63, uint64_t(0xfffffff4)}) {
    for (size_t offset = 0; offset + 8 <= 1024; offset += 4) {
      Bytes broken = elf;
      store(broken, offset, value);
      NoteLocation location = {0, 0};
      if (locate(broken, location).empty()) {
        EXPECT_LE(location.offset, broken.size());
        EXPECT_LE(location.size, broken.size() - location.offset);
      }
    }
  }
  for (int round = 0; round < 2000; ++round) {
    Bytes broken = elf;
    for (int i = 0; i < 8; ++i) {
      broken[generator() % 1024] = uint8_t(generator());
    }
    NoteLocation location = {0, 0};
    if (locate(broken, location).empty()) {
      EXPECT_LE(location.offset, broken.size());
      EXPECT_LE(location.size, broken.size() - location.offset);
    }
  }
}

TEST(ModuleNote, HashCoversEveryByteButItsOwn) {
  Bytes elf = exampleElf();
  NoteLocation location;
  ASSERT_EQ(locate(elf, location), "");
  uint64_t field = location.offset + offsetof(oriel_module_note, elf_sha256);
  uint8_t original[32], changed[32];
  ASSERT_TRUE(hashElf(MemoryFile(elf).fd, elf.size(), location.offset, original));
  for (uint64_t offset : {uint64_t(0), field - 1, field, field + 31, field + 32, elf.size() - 1}) {
    Bytes other = elf;
    other[offset] ^= 1;
    ASSERT_TRUE(hashElf(MemoryFile(other).fd, elf.size(), location.offset, changed));
    bool isOwn = offset >= field && offset < field + 32;
    EXPECT_EQ(memcmp(original, changed, 32) == 0, isOwn) << "byte " << offset;
  }
  EXPECT_FALSE(hashElf(MemoryFile(elf).fd, elf.size() + 1, location.offset, changed));
  EXPECT_FALSE(hashElf(MemoryFile(elf).fd, elf.size(), elf.size() - 8, changed));
}

} // namespace
