#include "compiler/Target/ObjectEmitter.h"

#include "CompileText.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "gmock/gmock.h"

#include <set>

using namespace oriel;
using namespace oriel::test;
using testing::Contains;
using testing::Not;

namespace {

constexpr char fmaText[] = R"(
  declare float @llvm.fma.f32(float, float, float)
  define float @first(float %x) { %r = call float @llvm.fma.f32(float %x, float %x, float %x) ret float %r }
  define float @second(float %x) { %r = fadd float %x, %x ret float %r }
)";

/// The file reads `object` as long as it lives.
std::unique_ptr<llvm::object::ObjectFile> open(const std::string &object) {
  return llvm::cantFail(
      llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(object, "object")));
}

std::set<std::string> sectionNames(const std::string &object) {
  std::set<std::string> names;
  auto file = open(object);
  for (const auto &section : file->sections()) {
    names.insert(llvm::cantFail(section.getName()).str());
  }
  return names;
}

std::set<std::string> undefinedNames(const std::string &object) {
  std::set<std::string> names;
  auto file = open(object);
  for (const auto &symbol : file->symbols()) {
    if (llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined) {
      names.insert(llvm::cantFail(symbol.getName()).str());
    }
  }
  return names;
}

TEST(ObjectEmitter, EmitsAnElfObjectForX86) {
  std::string bytes = compileValidText(fmaText);
  auto object = open(bytes);
  EXPECT_EQ(object->getArch(), llvm::Triple::x86_64);
  EXPECT_TRUE(object->isRelocatableObject());
}

TEST(ObjectEmitter, PutsEachFunctionIntoItsOwnSection) {
  auto names = sectionNames(compileValidText(fmaText));
  EXPECT_THAT(names, Contains(".text.first"));
  EXPECT_THAT(names, Contains(".text.second"));
}

TEST(ObjectEmitter, UsesTheProcessorThatIsNamed) {
  EXPECT_THAT(undefinedNames(compileValidText(fmaText, {"x86-64", ""})), Contains("fmaf"));
  EXPECT_THAT(undefinedNames(compileValidText(fmaText, {"x86-64-v3", ""})), Not(Contains("fmaf")));
  EXPECT_THAT(undefinedNames(compileValidText(fmaText, {"x86-64", "+fma"})), Not(Contains("fmaf")));
  EXPECT_THAT(undefinedNames(compileValidText(fmaText, {"x86-64-v3", "-fma"})), Contains("fmaf"));
}

TEST(ObjectEmitter, GivesTheSameBytesEachTime) {
  EXPECT_EQ(compileValidText(fmaText), compileValidText(fmaText));
}

TEST(ObjectEmitter, RefusesAnUnknownProcessor) {
  EXPECT_EQ(errorOf(compileText(fmaText, {"x86-65", ""})),
            "emitting the module's code failed: unknown processor 'x86-65'");
}

TEST(ObjectEmitter, RefusesAnUnknownFeature) {
  EXPECT_EQ(errorOf(compileText(fmaText, {"x86-64", "+avx2,+avx513"})),
            "emitting the module's code failed: unknown processor feature '+avx513'");
  EXPECT_EQ(errorOf(compileText(fmaText, {"x86-64", "avx2"})),
            "emitting the module's code failed: unknown processor feature 'avx2'");
}

TEST(ObjectEmitter, RefusesInvalidIR) {
  llvm::LLVMContext context;
  llvm::Module module("module", context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
  auto *function =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, "unfinished", module);
  llvm::BasicBlock::Create(context, "entry", function);
  std::string error = errorOf(emitObject(module, {}));
  EXPECT_THAT(error,
              testing::StartsWith("emitting the module's code failed: the LLVM IR is invalid"));
  EXPECT_THAT(error, Not(testing::HasSubstr("\n")));
}

} // namespace
