//===- CompileText.h - Objects from LLVM IR given as text -----------------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_TARGET_COMPILETEXT_H
#define ORIEL_TESTS_UNIT_COMPILER_TARGET_COMPILETEXT_H

#include "compiler/Target/ObjectEmitter.h"

namespace oriel::test {

/// Parses LLVM IR and emits an object of it.
llvm::Expected<std::string> compileText(llvm::StringRef text, const ObjectOptions &options = {});

/// The same for text that must compile.
std::string compileValidText(llvm::StringRef text, const ObjectOptions &options = {});

/// Text of a failure; "" for success.
template <typename T>
std::string errorOf(llvm::Expected<T> result) {
  return result ? "" : toString(result.takeError());
}
inline std::string errorOf(llvm::Error error) { return error ? toString(std::move(error)) : ""; }

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_TARGET_COMPILETEXT_H
