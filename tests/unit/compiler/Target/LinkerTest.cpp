#include "compiler/Target/Linker.h"

#include "CompileText.h"
#include "TestFolder.h"
#include "compiler/Target/EmbeddedShims.h"
#include "llvm/Object/ELFObjectFile.h"
#include "gmock/gmock.h"

#include <set>

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

constexpr char queryText[] = R"(
  declare float @kernel(float)
  define ptr @oriel_module_query(i32 %version) {
    %r = call float @kernel(float 1.0)
    %i = fptosi float %r to i64
    %p = inttoptr i64 %i to ptr
    ret ptr %p
  }
)";
constexpr char kernelText[] = R"(
  declare float @expf(float)
  declare ptr @memset(ptr, i32, i64)
  define float @kernel(float %x) {
    %address = fptoui float %x to i64
    %buffer = inttoptr i64 %address to ptr
    call ptr @memset(ptr %buffer, i32 0, i64 %address)
    %r = call float @expf(float %x)
    ret float %r
  }
  define float @unused(float %x) { ret float %x }
)";

class LinkerTest : public testing::Test {
protected:
  /// Links `queryText` and the texts; each object is named object0, object1, ...
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  link(std::vector<std::string> texts, LinkerProcess process = LinkerProcess::Own) {
    texts.insert(texts.begin(), queryText);
    std::vector<std::string> bytes, names;
    for (size_t i = 0; i < texts.size(); ++i) {
      bytes.push_back(compileValidText(texts[i]));
      names.push_back("object" + std::to_string(i));
    }
    std::vector<llvm::MemoryBufferRef> objects;
    objects.reserve(texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      objects.emplace_back(bytes[i], names[i]);
    }
    TemporaryFilesIn scope(folder);
    return linkSharedLibrary(objects, process);
  }

  TestFolder folder;
};

struct DynamicNames {
  std::set<std::string> exported, imported, needed;
};

DynamicNames dynamicNames(llvm::MemoryBufferRef library) {
  auto file = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(library));
  auto *elf = llvm::cast<llvm::object::ELF64LEObjectFile>(file.get());
  DynamicNames names;
  for (const auto &symbol : elf->getDynamicSymbolIterators()) {
    bool isImport = llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined;
    (isImport ? names.imported : names.exported).insert(llvm::cantFail(symbol.getName()).str());
  }
  names.imported.erase("");
  const auto &content = elf->getELFFile();
  auto table = llvm::cantFail(content.dynamicEntries());
  const char *strings = nullptr;
  for (const auto &entry : table) {
    if (entry.getTag() == llvm::ELF::DT_STRTAB) {
      strings =
          reinterpret_cast<const char *>(llvm::cantFail(content.toMappedAddr(entry.getPtr())));
    }
  }
  for (const auto &entry : table) {
    if (entry.getTag() == llvm::ELF::DT_NEEDED) {
      names.needed.insert(strings + entry.getVal());
    }
  }
  return names;
}

TEST_F(LinkerTest, ExportsTheQueryAloneAndImportsLibcAndLibmAlone) {
  auto library = link({kernelText});
  ASSERT_TRUE(bool(library)) << toString(library.takeError());
  auto names = dynamicNames(**library);
  EXPECT_THAT(names.exported, ElementsAre("oriel_module_query"));
  EXPECT_THAT(names.imported, ElementsAre("expf", "memset"));
  EXPECT_THAT(names.needed, ElementsAre("libc.so.6", "libm.so.6"));
}

TEST_F(LinkerTest, NeedsNoLibraryThatIsNotUsed) {
  auto library = link({"define float @kernel(float %x) { ret float %x }"});
  ASSERT_TRUE(bool(library)) << toString(library.takeError());
  EXPECT_THAT(dynamicNames(**library).needed, IsEmpty());
}

TEST_F(LinkerTest, LinksTheKernelShimsWithoutFurtherImports) {
  std::string query = compileValidText(R"(
    declare ptr @halide_malloc(ptr, i64)
    declare void @halide_free(ptr, ptr)
    declare i32 @halide_do_par_for(ptr, ptr, i32, i32, ptr)
    define ptr @oriel_module_query(i32 %version) {
      %p = call ptr @halide_malloc(ptr null, i64 8)
      call void @halide_free(ptr null, ptr %p)
      %r = call i32 @halide_do_par_for(ptr null, ptr null, i32 0, i32 1, ptr null)
      ret ptr %p
    })");
  auto library =
      linkSharedLibrary({llvm::MemoryBufferRef(query, "query"), {kernelShimsObject(), "shims"}});
  ASSERT_TRUE(bool(library)) << toString(library.takeError());
  auto names = dynamicNames(**library);
  EXPECT_THAT(names.exported, ElementsAre("oriel_module_query"));
  EXPECT_THAT(names.imported, IsEmpty());
}

TEST_F(LinkerTest, DropsWhatNothingUses) {
  auto library = link({kernelText});
  ASSERT_TRUE(bool(library)) << toString(library.takeError());
  auto file = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(**library));
  std::set<std::string> names;
  for (const auto &symbol : file->symbols()) {
    names.insert(llvm::cantFail(symbol.getName()).str());
  }
  EXPECT_EQ(names.count("kernel"), 1u);
  EXPECT_EQ(names.count("unused"), 0u);
}

TEST_F(LinkerTest, GivesTheSameBytesInAnyFolderAndByEitherProcess) {
  auto first = link({kernelText});
  ASSERT_TRUE(bool(first)) << toString(first.takeError());
  TestFolder otherFolder;
  std::swap(folder.path, otherFolder.path);
  auto second = link({kernelText});
  auto spawned = link({kernelText}, LinkerProcess::Spawned);
  ASSERT_TRUE(bool(second)) << toString(second.takeError());
  ASSERT_TRUE(bool(spawned)) << toString(spawned.takeError());
  EXPECT_EQ((*first)->getBuffer(), (*second)->getBuffer());
  EXPECT_EQ((*first)->getBuffer(), (*spawned)->getBuffer());
}

TEST_F(LinkerTest, LeavesNoTemporaryFile) {
  ASSERT_TRUE(bool(link({kernelText})));
  EXPECT_THAT(folder.list(), IsEmpty());
  EXPECT_NE(errorOf(link({})), "");
  EXPECT_THAT(folder.list(), IsEmpty());
}

TEST_F(LinkerTest, NamesAnUndefinedSymbolAndItsObjectInOneLine) {
  for (LinkerProcess process : {LinkerProcess::Own, LinkerProcess::Spawned}) {
    std::string error = errorOf(link(
        {"declare float @halide_trace(float)\n"
         "define float @kernel(float %x) { %r = call float @halide_trace(float %x) ret float %r }"},
        process));
    EXPECT_THAT(error,
                testing::StartsWith("linking the module failed: undefined symbol: halide_trace"));
    EXPECT_THAT(error, HasSubstr("object1:(kernel)"));
    EXPECT_THAT(error, Not(HasSubstr("\n")));
    EXPECT_THAT(error, Not(HasSubstr(folder.path.string())));
  }
}

TEST_F(LinkerTest, RefusesNamesOfLibcThatModulesHaveNoUseFor) {
  EXPECT_THAT(
      errorOf(link(
          {"declare float @system(float)\n"
           "define float @kernel(float %x) { %r = call float @system(float %x) ret float %r }"})),
      HasSubstr("undefined symbol: system"));
}

TEST_F(LinkerTest, RefusesAModuleWithoutQuery) {
  std::string kernel = compileValidText(kernelText);
  EXPECT_THAT(errorOf(linkSharedLibrary({llvm::MemoryBufferRef(kernel, "kernel")})),
              HasSubstr("oriel_module_query"));
}

TEST_F(LinkerTest, NamesBothObjectsOfADuplicateSymbol) {
  std::string error = errorOf(link({kernelText, kernelText}));
  EXPECT_THAT(error, HasSubstr("duplicate symbol: kernel"));
  EXPECT_THAT(error, HasSubstr("object1:"));
  EXPECT_THAT(error, HasSubstr("object2:"));
}

TEST_F(LinkerTest, RefusesAnInputThatIsNoObject) {
  std::string error =
      errorOf(linkSharedLibrary({llvm::MemoryBufferRef("not an object", "kernel 7")}));
  EXPECT_THAT(error, HasSubstr("kernel 7"));
  EXPECT_THAT(error, Not(HasSubstr("\n")));
}

TEST_F(LinkerTest, SaysWhereItCannotWrite) {
  TestFolder missing;
  std::string path = missing.file("missing");
  std::swap(folder.path, missing.path);
  folder.path = path;
  EXPECT_THAT(errorOf(link({kernelText})), HasSubstr("set TMPDIR to a writable folder"));
  std::swap(folder.path, missing.path);
}

} // namespace
