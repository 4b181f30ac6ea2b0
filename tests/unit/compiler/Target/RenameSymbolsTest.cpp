#include "compiler/Target/RenameSymbols.h"

#include "CompileText.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"

using namespace oriel;
using namespace oriel::test;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string exampleObject() {
  auto buffer =
      llvm::cantFail(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(ORIEL_MODULE_CODE)));
  return buffer->getBuffer().str();
}

std::vector<std::string> symbolsOf(llvm::StringRef object) {
  auto file = llvm::cantFail(
      llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(object, "object")));
  std::vector<std::string> names;
  for (const llvm::object::SymbolRef &symbol : file->symbols()) {
    names.push_back(llvm::cantFail(symbol.getName()).str());
  }
  return names;
}

TEST(RenameSymbols, GivesWhatIsDefinedAnotherPrefix) {
  auto renamed = renameSymbols(exampleObject(), "oriel_desc", "other_desc");
  ASSERT_TRUE(static_cast<bool>(renamed)) << errorOf(renamed.takeError());
  EXPECT_THAT(symbolsOf(*renamed), Contains("other_descriptor"));
  EXPECT_THAT(symbolsOf(*renamed), Not(Contains("oriel_descriptor")));
  EXPECT_THAT(symbolsOf(*renamed), Contains("oriel_module_query"));
}

TEST(RenameSymbols, LeavesWhatIsImported) {
  auto renamed = renameSymbols(exampleObject(), "halide_", "other_");
  ASSERT_TRUE(static_cast<bool>(renamed)) << errorOf(renamed.takeError());
  EXPECT_THAT(symbolsOf(*renamed), Contains("halide_malloc"));
}

TEST(RenameSymbols, RefusesWhatIsNoObject) {
  EXPECT_THAT(errorOf(renameSymbols("nonsense", "a", "b")),
              HasSubstr("renaming the symbols of an object failed"));
}

} // namespace
