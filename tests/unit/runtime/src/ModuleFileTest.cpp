#include "../ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <sys/stat.h>

using namespace oriel::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

class ModuleFile : public testing::Test {
protected:
  /// Loads `path`; on success releases the module again.
  oriel_status load(const std::string &path, const oriel_load_options *options = nullptr) {
    oriel_module *module = nullptr;
    error = {};
    oriel_status status = oriel_module_load(path.c_str(), options, &module, &error);
    EXPECT_EQ(status == ORIEL_OK, module != nullptr);
    EXPECT_EQ(error.status, status);
    EXPECT_EQ(strchr(error.message, '\n'), nullptr);
    oriel_module_release(module);
    return status;
  }
  oriel_status load(const Bytes &content, const oriel_load_options *options = nullptr) {
    return load(folder.write("module.so", content), options);
  }
  std::string message() const { return error.message; }

  TemporaryFolder folder;
  oriel_error error = {};
};

TEST_F(ModuleFile, LoadsWhenWhole) {
  oriel_load_options options = {sizeof options, 1, 0, 0, 0, nullptr};
  EXPECT_EQ(load(exampleModule(folder)), ORIEL_OK);
  EXPECT_EQ(load(exampleModule(folder), &options), ORIEL_OK);
}

TEST_F(ModuleFile, RefusesAPathThatCannotBeOpened) {
  EXPECT_EQ(load(folder.path("missing.so")), ORIEL_UNREADABLE_FILE);
  EXPECT_THAT(message(), HasSubstr("missing.so': No such file or directory"));
  EXPECT_EQ(load(std::string("missing\nline.so")), ORIEL_UNREADABLE_FILE);
}

TEST_F(ModuleFile, RefusesWhatIsNotARegularFile) {
  EXPECT_EQ(load(folder.path("")), ORIEL_NOT_A_MODULE);
  EXPECT_THAT(message(), HasSubstr("is not a regular file"));
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(load(folder.path("pipe")), ORIEL_NOT_A_MODULE);
}

TEST_F(ModuleFile, RefusesWhatIsNotAModule) {
  EXPECT_EQ(load(Bytes()), ORIEL_NOT_A_MODULE);
  EXPECT_THAT(message(), AllOf(HasSubstr("it is empty"), HasSubstr("oriel-compile")));
  EXPECT_EQ(load(Bytes(200, 'a')), ORIEL_NOT_A_MODULE);
  EXPECT_THAT(message(), HasSubstr("it is not an ELF file"));
  EXPECT_EQ(load(std::string(ORIEL_RUNTIME_FILE)), ORIEL_NOT_A_MODULE);
  EXPECT_THAT(message(), HasSubstr("it has no Oriel note"));
}

TEST_F(ModuleFile, RefusesATruncatedModuleOfAnyLength) {
  Bytes module = exampleModule(folder);
  uint64_t noteEnd = noteOffset(folder, module) + sizeof(oriel_module_note);
  for (size_t size = 1; size < module.size(); size = size < 1200 ? size + 61 : size + 1999) {
    Bytes cut(module.begin(), module.begin() + ptrdiff_t(size));
    EXPECT_EQ(load(cut), size < noteEnd ? ORIEL_NOT_A_MODULE : ORIEL_DAMAGED_MODULE) << size;
    if (size >= noteEnd) {
      EXPECT_THAT(message(), HasSubstr("truncated"));
    }
  }
  module.pop_back();
  EXPECT_EQ(load(module), ORIEL_DAMAGED_MODULE);
}

TEST_F(ModuleFile, RefusesAModuleWithBytesBehindItsEnd) {
  Bytes module = exampleModule(folder);
  module.push_back(0);
  EXPECT_EQ(load(module), ORIEL_DAMAGED_MODULE);
  EXPECT_THAT(message(), AllOf(HasSubstr("is damaged"), Not(HasSubstr("truncated"))));
}

TEST_F(ModuleFile, RefusesChangedCode) {
  Bytes module = exampleModule(folder);
  size_t elfSize = exampleElf().size();
  for (size_t offset : {elfSize / 4, elfSize / 2, elfSize - 1}) {
    Bytes changed = module;
    changed[offset] ^= 0x10;
    EXPECT_EQ(load(changed), ORIEL_DAMAGED_MODULE) << offset;
    EXPECT_THAT(message(), HasSubstr("SHA-256 of its code"));
  }
}

TEST_F(ModuleFile, RefusesChangedParametersWhenAsked) {
  Bytes module = exampleModule(folder);
  module.back() ^= 1;
  oriel_load_options options = {sizeof options, 1, 0, 0, 0, nullptr};
  EXPECT_EQ(load(module), ORIEL_OK);
  EXPECT_EQ(load(module, &options), ORIEL_DAMAGED_MODULE);
  EXPECT_THAT(message(), HasSubstr("SHA-256 of its parameters"));
}

TEST_F(ModuleFile, RefusesANewerAbiBeforeItLooksAtAnythingElse) {
  Bytes module = withNote(folder, exampleModule(folder), [](oriel_module_note &note) {
    memset(&note, 0xee, sizeof note);
    note.abi_version = ORIEL_ABI_VERSION + 1;
  });
  EXPECT_EQ(load(module), ORIEL_UNSUPPORTED_ABI);
  EXPECT_THAT(message(), AllOf(HasSubstr("module ABI version 1"), HasSubstr("newer runtime")));
}

TEST_F(ModuleFile, RefusesANoteThatContradictsItself) {
  Bytes module = exampleModule(folder);
  auto loadChanged = [&](auto change) { return load(withNote(folder, module, change)); };
  EXPECT_EQ(loadChanged([](auto &note) { note.note_size = 8; }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.elf_size = ~uint64_t(0); }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.elf_size = 0; }), ORIEL_UNREADABLE_FILE);
  EXPECT_EQ(loadChanged([](auto &note) { note.parameter_offset = ~uint64_t(0) - 4095; }),
            ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.parameter_offset += 1, note.parameter_size -= 1; }),
            ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.parameter_size = 0; }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) {
              memset(note.variants[1].target, 'x', sizeof note.variants[1].target);
            }),
            ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.variant_count = 0; }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.variant_count = ~0U; }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.variant_count = 1; }), ORIEL_DAMAGED_MODULE);
  EXPECT_EQ(loadChanged([](auto &note) { note.variants[0].required_features = 0; }),
            ORIEL_DAMAGED_MODULE);
}

TEST_F(ModuleFile, RefusesAProcessorWithoutTheFeatures) {
  oriel_load_options options = {sizeof options, 0, ORIEL_ISA_SSE4_1 | ORIEL_ISA_POPCNT, 0, 0,
                                nullptr};
  EXPECT_EQ(load(exampleModule(folder), &options), ORIEL_UNSUPPORTED_CPU);
  EXPECT_THAT(message(), AllOf(HasSubstr("compiled for x86-64-v3, x86-64-v2 and"),
                               HasSubstr("lacks popcnt, sse4.1 for x86-64-v2: compile")));
}

TEST_F(ModuleFile, RefusesAVariantThatItLacksOrTheProcessorCannotRun) {
  oriel_load_options options = {sizeof options, 0, ORIEL_ISA_AVX2, 0, 0, "x86-64-v2"};
  EXPECT_EQ(load(exampleModule(folder), &options), ORIEL_OK);
  options.target = "x86-64-v3";
  EXPECT_EQ(load(exampleModule(folder), &options), ORIEL_UNSUPPORTED_CPU);
  EXPECT_THAT(message(), AllOf(HasSubstr("lacks"), HasSubstr("avx2"),
                               HasSubstr("for the variant x86-64-v3 of")));
  options.target = "x86-64-v5";
  EXPECT_EQ(load(exampleModule(folder), &options), ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(message(), HasSubstr("has no variant for x86-64-v5: it was compiled for x86-64-v3, "
                                   "x86-64-v2"));
}

} // namespace
