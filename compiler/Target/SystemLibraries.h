//===- SystemLibraries.h - What modules may import ------------------------===//
//
// A module imports names of libc and libm and nothing else. The linker is shown stubs of the two
// libraries that define just the names allowed: so a module does not depend on the C library of the
// machine it was compiled on (which need not even have the development files), and any other
// undefined name is an error of the link.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_SYSTEMLIBRARIES_H
#define ORIEL_COMPILER_TARGET_SYSTEMLIBRARIES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace oriel {

/// Writes stubs of libc and libm into `folder` and returns their paths. The stubs' symbols have no
/// version, so that the loader takes the C library's oldest one: a module runs on every glibc.
llvm::Expected<std::vector<std::string>> writeSystemLibraryStubs(llvm::StringRef folder);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_SYSTEMLIBRARIES_H
