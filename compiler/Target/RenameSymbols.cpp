//===- RenameSymbols.cpp - Other names for an object's symbols ------------===//

#include "compiler/Target/RenameSymbols.h"

#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <deque>

using namespace llvm;

static Error makeError(Error error) {
  return createStringError("renaming the symbols of an object failed: " +
                           toString(std::move(error)));
}

Expected<std::string> oriel::renameSymbols(StringRef object, StringRef oldPrefix,
                                           StringRef newPrefix) {
  auto binary = object::ObjectFile::createELFObjectFile(MemoryBufferRef(object, "object"));
  if (!binary) {
    return makeError(binary.takeError());
  }
  objcopy::ConfigManager config;
  // The configuration holds references to names.
  std::deque<std::string> names;
  for (const object::SymbolRef &symbol : (*binary)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) {
      return makeError(joinErrors(flags.takeError(), name.takeError()));
    }
    StringRef rest = *name;
    if ((*flags & object::SymbolRef::SF_Undefined) == 0 && rest.consume_front(oldPrefix)) {
      names.push_back((newPrefix + rest).str());
      config.Common.SymbolsToRename[*name] = names.back();
    }
  }
  SmallString<0> renamed;
  raw_svector_ostream out(renamed);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **binary, out)) {
    return makeError(std::move(error));
  }
  return renamed.str().str();
}
