//===- RenameSymbols.h - Other names for an object's symbols --------------===//
#ifndef ORIEL_COMPILER_TARGET_RENAMESYMBOLS_H
#define ORIEL_COMPILER_TARGET_RENAMESYMBOLS_H

#include "llvm/Support/Error.h"

#include <string>

namespace oriel {

/// The ELF object with `newPrefix` in place of `oldPrefix` at the begin of the name of each symbol
/// that it defines and that begins with `oldPrefix`. Fails with one line where `object` is no ELF
/// object.
llvm::Expected<std::string> renameSymbols(llvm::StringRef object, llvm::StringRef oldPrefix,
                                          llvm::StringRef newPrefix);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_RENAMESYMBOLS_H
