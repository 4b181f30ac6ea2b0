//===- SystemLibraries.cpp - What modules may import ----------------------===//

#include "compiler/Target/SystemLibraries.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/InterfaceStub/ELFObjHandler.h"
#include "llvm/InterfaceStub/IFSStub.h"

using namespace llvm;

namespace {
struct SystemLibrary {
  const char *fileName;
  /// The DT_NEEDED entry of a module that uses it.
  const char *soname;
  ArrayRef<const char *> functions;
  /// Each function also comes with the suffix f.
  bool hasFloatForms;
};
} // namespace

// What LLVM's code generation makes of memory intrinsics.
static constexpr const char *libcFunctions[] = {"bcmp",    "memchr", "memcmp", "memcpy",
                                                "memmove", "memset", "strlen"};

// C11 7.12, for float and double, as far as LLVM's intrinsics and Halide's maths use it.
static constexpr const char *libmFunctions[] = {
    "acos",      "acosh",    "asin",      "asinh", "atan",   "atan2",     "atanh",   "cbrt",
    "ceil",      "copysign", "cos",       "cosh",  "erf",    "erfc",      "exp",     "exp10",
    "exp2",      "expm1",    "fabs",      "fdim",  "floor",  "fma",       "fmax",    "fmin",
    "fmod",      "frexp",    "hypot",     "ldexp", "lgamma", "llrint",    "llround", "log",
    "log10",     "log1p",    "log2",      "logb",  "lrint",  "lround",    "modf",    "nearbyint",
    "nextafter", "pow",      "remainder", "rint",  "round",  "roundeven", "scalbn",  "sin",
    "sincos",    "sinh",     "sqrt",      "tan",   "tanh",   "tgamma",    "trunc"};

static ifs::IFSStub makeStub(const SystemLibrary &library) {
  ifs::IFSStub stub;
  stub.SoName = library.soname;
  stub.Target.ObjectFormat = "ELF";
  stub.Target.Arch = ELF::EM_X86_64;
  stub.Target.Endianness = ifs::IFSEndiannessType::Little;
  stub.Target.BitWidth = ifs::IFSBitWidthType::IFS64;
  for (std::string name : library.functions) {
    stub.Symbols.emplace_back(name).Type = ifs::IFSSymbolType::Func;
    if (library.hasFloatForms) {
      stub.Symbols.emplace_back(name + "f").Type = ifs::IFSSymbolType::Func;
    }
  }
  llvm::sort(stub.Symbols);
  return stub;
}

Expected<std::vector<std::string>> oriel::writeSystemLibraryStubs(StringRef folder) {
  const SystemLibrary libc = {"libc.so", "libc.so.6", libcFunctions, false};
  const SystemLibrary libm = {"libm.so", "libm.so.6", libmFunctions, true};
  std::vector<std::string> paths;
  for (const SystemLibrary &library : {libc, libm}) {
    paths.push_back((folder + "/" + library.fileName).str());
    if (Error error = ifs::writeBinaryStub(paths.back(), makeStub(library))) {
      return std::move(error);
    }
  }
  return paths;
}
