//===- CompileText.cpp - Objects from LLVM IR given as text ---------------===//

#include "CompileText.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

using namespace oriel;

llvm::Expected<std::string> test::compileText(llvm::StringRef text, const ObjectOptions &options) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  // Without the verifier: emitObject is to find what is invalid.
  auto module = llvm::parseAssemblyString(text, diagnostic, context);
  if (!module) {
    return llvm::createStringError("the test's text: " + diagnostic.getMessage());
  }
  return emitObject(*module, options);
}

std::string test::compileValidText(llvm::StringRef text, const ObjectOptions &options) {
  return llvm::cantFail(compileText(text, options));
}
