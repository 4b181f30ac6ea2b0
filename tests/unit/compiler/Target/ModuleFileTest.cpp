#include "compiler/Target/ModuleFile.h"

#include "CompileText.h"
#include "TestFolder.h"
#include "oriel/runtime.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"

#include <cmath>
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

/// Number of elements of module_code.c's tensors.
constexpr int tensorSize = 32;

class ModuleFileTest : public testing::Test {
protected:
  ModuleFileTest() {
    code = llvm::cantFail(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(ORIEL_MODULE_CODE)));
    layout.append("first", 64);
    layout.append("second", 64);
  }

  /// i + 1 for the i-th parameter.
  static llvm::Error writeValidParameters(ParameterBlockWriter &writer) {
    std::vector<float> values(tensorSize / 2);
    float next = 1.0f;
    for (const char *name : {"first", "second"}) {
      for (float &value : values) {
        value = next++;
      }
      if (auto error = writer.beginEntry(name)) {
        return error;
      }
      if (auto error = writer.append(values)) {
        return error;
      }
    }
    return llvm::Error::success();
  }

  std::string write(const std::string &path,
                    llvm::function_ref<llvm::Error(ParameterBlockWriter &)> writeParameters =
                        writeValidParameters) {
    llvm::MemoryBufferRef objects[] = {*code};
    TemporaryFilesIn scope(temporaryFolder);
    ModuleFileVariant variant = {ORIEL_ISA_X86_64_V2, "x86-64-v2"};
    return errorOf(writeModuleFile(path, {objects, variant, layout, writeParameters}));
  }

  std::unique_ptr<llvm::MemoryBuffer> code;
  ParameterBlockLayout layout;
  TestFolder folder, temporaryFolder;
};

TEST_F(ModuleFileTest, WritesAModuleThatTheRuntimeRuns) {
  ASSERT_EQ(write(folder.file("m.so")), "");
  oriel_load_options options = {};
  options.struct_size = sizeof options;
  options.verify_parameters = 1;
  oriel_module *module = nullptr;
  oriel_context *context = nullptr;
  oriel_error error;
  ASSERT_EQ(oriel_module_load(folder.file("m.so").c_str(), &options, &module, &error), ORIEL_OK)
      << error.message;
  oriel_context_options contextOptions = {};
  contextOptions.struct_size = sizeof contextOptions;
  contextOptions.threads = 1;
  ASSERT_EQ(oriel_context_create(module, &contextOptions, &context, &error), ORIEL_OK)
      << error.message;
  std::vector<float> input(tensorSize, 0.0f), output(tensorSize);
  input[1] = 1.0f;
  const void *inputs[] = {input.data()};
  void *outputs[] = {output.data()};
  ASSERT_EQ(oriel_context_run(context, inputs, outputs, &error), ORIEL_OK) << error.message;
  for (int i = 0; i < tensorSize; ++i) {
    EXPECT_EQ(output[i], std::exp(input[i]) * float(i + 1));
  }
  oriel_context_release(context);
  oriel_module_release(module);
}

TEST_F(ModuleFileTest, PutsTheParametersOnAPageAtTheEnd) {
  ASSERT_EQ(write(folder.file("m.so")), "");
  std::string bytes = folder.read("m.so");
  ASSERT_EQ(bytes.size() % ORIEL_PARAMETER_ALIGNMENT, 128u);
  float last;
  memcpy(&last, bytes.data() + bytes.size() - sizeof last, sizeof last);
  EXPECT_EQ(last, float(tensorSize));
}

TEST_F(ModuleFileTest, GivesTheSameBytesEachTime) {
  ASSERT_EQ(write(folder.file("a.so")), "");
  ASSERT_EQ(write(folder.file("b.so")), "");
  EXPECT_TRUE(folder.read("a.so") == folder.read("b.so"));
}

TEST_F(ModuleFileTest, ReplacesAnOlderFileAndLeavesNoOther) {
  folder.write("m.so", "old");
  ASSERT_EQ(write(folder.file("m.so")), "");
  EXPECT_THAT(folder.read("m.so"), testing::StartsWith("\x7f"
                                                       "ELF"));
  EXPECT_THAT(folder.list(), ElementsAre("m.so"));
  EXPECT_THAT(temporaryFolder.list(), IsEmpty());
}

TEST_F(ModuleFileTest, ReplacesWhatASymbolicLinkPointsAt) {
  folder.write("target.so", "old");
  std::filesystem::create_symlink("target.so", folder.file("link.so"));
  ASSERT_EQ(write(folder.file("link.so")), "");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link.so")));
  EXPECT_THAT(folder.read("target.so"), testing::StartsWith("\x7f"
                                                            "ELF"));
}

TEST_F(ModuleFileTest, WritesToTheCurrentFolder) {
  auto previous = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  std::string error = write("m.so");
  std::filesystem::current_path(previous);
  EXPECT_EQ(error, "");
  EXPECT_THAT(folder.list(), ElementsAre("m.so"));
}

TEST_F(ModuleFileTest, KeepsTheOlderFileWhereTheParametersFail) {
  folder.write("m.so", "old");
  EXPECT_EQ(write(folder.file("m.so"),
                  [](ParameterBlockWriter &) { return llvm::createStringError("no such tensor"); }),
            "no such tensor");
  EXPECT_EQ(folder.read("m.so"), "old");
  EXPECT_THAT(folder.list(), ElementsAre("m.so"));
}

TEST_F(ModuleFileTest, RefusesParametersThatAreIncomplete) {
  EXPECT_EQ(
      write(folder.file("m.so"), [](ParameterBlockWriter &) { return llvm::Error::success(); }),
      "the parameter 'first' was not written");
  EXPECT_THAT(folder.list(), IsEmpty());
}

TEST_F(ModuleFileTest, SaysThatTheFolderDoesNotExist) {
  std::string path = folder.file("missing/m.so"), missing = folder.file("missing");
  EXPECT_EQ(write(path), "cannot write '" + path + "': the folder '" + missing +
                             "' does not exist; make it first");
}

TEST_F(ModuleFileTest, RefusesAFolderAndADevice) {
  EXPECT_EQ(write(folder.path),
            "cannot write '" + folder.path.string() + "': it is a folder; name a file");
  EXPECT_EQ(write("/dev/full"), "cannot write '/dev/full': it is not a regular file; name a file");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST_F(ModuleFileTest, SaysThatTheFolderCannotHoldFiles) {
  std::string error = write("/proc/m.so");
  EXPECT_THAT(error, testing::StartsWith("cannot write '/proc/m.so': "));
  EXPECT_THAT(error, Not(HasSubstr("\n")));
}

TEST_F(ModuleFileTest, LeavesNothingWhereTheDiskIsFull) {
  ASSERT_EQ(write(folder.file("m.so")), "");
  auto size = std::filesystem::file_size(folder.file("m.so"));
  folder.write("m.so", "old");
  rlimit previous, limit;
  getrlimit(RLIMIT_FSIZE, &previous);
  // Too little for the linker's files, for the parameters' last byte, and for the padding.
  for (auto space : {uint64_t(64), size - 1, size - 200}) {
    limit = {space, previous.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string error = write(folder.file("m.so"));
    setrlimit(RLIMIT_FSIZE, &previous);
    EXPECT_THAT(error, HasSubstr("File too large"));
    EXPECT_THAT(error, Not(HasSubstr("\n")));
    EXPECT_EQ(folder.read("m.so"), "old");
    EXPECT_THAT(folder.list(), ElementsAre("m.so"));
    EXPECT_THAT(temporaryFolder.list(), IsEmpty());
  }
}

TEST_F(ModuleFileTest, LeavesNothingWhereASignalEndsTheProcess) {
  for (int signal : {SIGINT, SIGTERM}) {
    pid_t child = fork();
    if (child == 0) {
      write(folder.file("m.so"), [&](ParameterBlockWriter &writer) {
        auto error = writer.beginEntry("first");
        raise(signal);
        return error;
      });
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_THAT(folder.list(), IsEmpty());
    EXPECT_THAT(temporaryFolder.list(), IsEmpty());
  }
}

TEST_F(ModuleFileTest, RefusesCodeWithoutDescriptor) {
  code = llvm::cantFail(
      llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(ORIEL_MODULE_CODE_WITHOUT_DESCRIPTOR)));
  EXPECT_THAT(write(folder.file("m.so")), HasSubstr("its code has no symbol oriel_descriptor"));
  EXPECT_THAT(folder.list(), IsEmpty());
}

TEST_F(ModuleFileTest, RefusesATargetNameThatTheNoteCannotHold) {
  llvm::MemoryBufferRef objects[] = {*code};
  ModuleFileVariant variant = {0, std::string(32, 'x')};
  EXPECT_THAT(errorOf(writeModuleFile(folder.file("m.so"),
                                      {objects, variant, layout, writeValidParameters})),
              HasSubstr("target is too long"));
  EXPECT_THAT(folder.list(), IsEmpty());
}

TEST_F(ModuleFileTest, RefusesMoreVariantsThanTheNoteCanHold) {
  llvm::MemoryBufferRef objects[] = {*code};
  std::vector<ModuleFileVariant> variants(ORIEL_MAX_VARIANTS + 1, {0, "x86-64-v2"});
  EXPECT_THAT(errorOf(writeModuleFile(folder.file("m.so"),
                                      {objects, variants, layout, writeValidParameters})),
              HasSubstr("more than its note can list"));
  EXPECT_THAT(folder.list(), IsEmpty());
}

TEST_F(ModuleFileTest, ChecksAPathWithoutTouchingIt) {
  EXPECT_EQ(errorOf(checkModulePath(folder.file("m.so"))), "");
  EXPECT_NE(errorOf(checkModulePath(folder.path.string())), "");
  EXPECT_THAT(folder.list(), IsEmpty());
}

} // namespace
