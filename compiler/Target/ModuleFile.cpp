//===- ModuleFile.cpp - A compiled model on disk --------------------------===//

#include "compiler/Target/ModuleFile.h"

#include "compiler/Target/EmbeddedShims.h"
#include "compiler/Target/Linker.h"
#include "compiler/Target/SignalScope.h"
#include "oriel/module_abi.h"
#include "runtime/format/ModuleWriter.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstddef>
#include <unistd.h>

using namespace llvm;
using namespace oriel;

//===----------------------------------------------------------------------===//
// The path
//===----------------------------------------------------------------------===//

static Error makeError(StringRef path, const Twine &reason) {
  return createStringError("cannot write '" + path + "': " + reason);
}

/// The file to be replaced: `path`, or, where it is a symbolic link, what it points at.
static std::string resolveDestination(StringRef path) {
  SmallString<128> target;
  if (sys::fs::is_symlink_file(path) && !sys::fs::real_path(path, target)) {
    return target.str().str();
  }
  return path.str();
}

static StringRef folderOf(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  return folder.empty() ? "." : folder;
}

Error oriel::checkModulePath(StringRef path) {
  std::string destination = resolveDestination(path);
  sys::fs::file_status status;
  std::error_code code = sys::fs::status(destination, status);
  if (sys::fs::is_directory(status)) {
    return makeError(path, "it is a folder; name a file");
  }
  if (!code && !sys::fs::is_regular_file(status)) {
    return makeError(path, "it is not a regular file; name a file");
  }
  StringRef folder = folderOf(destination);
  if (!sys::fs::exists(folder)) {
    return makeError(path, "the folder '" + folder + "' does not exist; make it first");
  }
  if (!sys::fs::is_directory(folder)) {
    return makeError(path, "'" + folder + "' is not a folder");
  }
  if (sys::fs::access(folder, sys::fs::AccessMode::Write)) {
    return makeError(path, "the folder '" + folder + "' is not writable");
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The code
//===----------------------------------------------------------------------===//

static Expected<std::unique_ptr<MemoryBuffer>> linkCode(ArrayRef<MemoryBufferRef> objects) {
  SmallVector<MemoryBufferRef> all(objects);
  all.push_back({kernelShimsObject(), "kernel shims"});
  all.push_back({noteSectionObject(), "module note"});
  return linkSharedLibrary(all);
}

/// Offset in the file of the module's oriel_module_descriptor.
static Expected<uint64_t> locateDescriptor(MemoryBufferRef code) {
  auto elf = object::ELFFile<object::ELF64LE>::create(code.getBuffer());
  if (!elf) {
    return elf.takeError();
  }
  auto sections = elf->sections();
  if (!sections) {
    return sections.takeError();
  }
  for (const auto &section : *sections) {
    if (section.sh_type != ELF::SHT_SYMTAB) {
      continue;
    }
    auto symbols = elf->symbols(&section);
    auto names = elf->getStringTableForSymtab(section);
    if (!symbols || !names) {
      return joinErrors(symbols.takeError(), names.takeError());
    }
    for (const auto &symbol : *symbols) {
      auto name = symbol.getName(*names);
      if (!name) {
        return name.takeError();
      }
      if (*name != moduleDescriptorSymbol) {
        continue;
      }
      auto holder = elf->getSection(symbol.st_shndx);
      if (!holder) {
        return holder.takeError();
      }
      uint64_t begin = symbol.st_value - (*holder)->sh_addr;
      if ((*holder)->sh_type == ELF::SHT_NOBITS ||
          begin + sizeof(oriel_module_descriptor) > (*holder)->sh_size) {
        return createStringError("the symbol " + moduleDescriptorSymbol +
                                 " is not an oriel_module_descriptor");
      }
      return (*holder)->sh_offset + begin;
    }
  }
  return createStringError("its code has no symbol " + moduleDescriptorSymbol);
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

/// Puts the size and the hash of the parameters into the descriptor in the file.
static bool patchDescriptor(int file, uint64_t offset, const ModuleSeal &seal) {
  auto patch = [&](size_t field, const void *data, size_t size) {
    return pwrite(file, data, size, off_t(offset + field)) == ssize_t(size);
  };
  return patch(offsetof(oriel_module_descriptor, parameter_size), &seal.parameterSize,
               sizeof seal.parameterSize) &&
         patch(offsetof(oriel_module_descriptor, parameter_sha256), seal.parameterSha256,
               sizeof seal.parameterSha256);
}

/// Writes code and parameters to an empty file. `seal` is filled in.
static Error writeContents(StringRef path, int file, StringRef code, const ModuleContents &contents,
                           ModuleSeal &seal) {
  raw_fd_ostream out(file, /*shouldClose=*/false);
  // An error that is still there when the stream goes ends the process.
  llvm::scope_exit clearError([&] { out.clear_error(); });
  seal.elfSize = code.size();
  seal.parameterOffset = parameterOffset(code.size());
  seal.parameterSize = contents.parameterLayout.getSize();
  out << code;
  out.write_zeros(seal.parameterOffset - seal.elfSize);
  ParameterBlockWriter writer(contents.parameterLayout, out);
  if (Error error = contents.writeParameters(writer)) {
    return error;
  }
  auto digest = writer.finish();
  if (!digest) {
    return digest.takeError();
  }
  llvm::copy(*digest, seal.parameterSha256);
  out.flush();
  return out.has_error() ? makeError(path, out.error().message()) : Error::success();
}

/// Writes the whole module to an empty file.
static Error fillFile(StringRef path, int file, MemoryBufferRef code,
                      const ModuleContents &contents) {
  auto descriptor = locateDescriptor(code);
  if (!descriptor) {
    return makeError(path, toString(descriptor.takeError()));
  }
  ModuleSeal seal = {};
  auto variants = map_to_vector(contents.variants, [](const ModuleFileVariant &variant) {
    return SealedVariant{variant.requiredFeatures, variant.target.c_str()};
  });
  seal.variants = variants.data();
  seal.variantCount = static_cast<uint32_t>(variants.size());
  if (Error error = writeContents(path, file, code.getBuffer(), contents, seal)) {
    return error;
  }
  if (!patchDescriptor(file, *descriptor, seal)) {
    return makeError(path, "its descriptor cannot be written");
  }
  const char *reason = sealModule(file, seal);
  return reason ? makeError(path, reason) : Error::success();
}

Error oriel::writeModuleFile(StringRef path, const ModuleContents &contents) {
  if (Error error = checkModulePath(path)) {
    return error;
  }
  auto code = linkCode(contents.objects);
  if (!code) {
    return code.takeError();
  }
  FileSizeSignalScope fileSizeSignals;
  std::string destination = resolveDestination(path);
  // Is removed by LLVM's signal handlers where a signal ends the process.
  auto file = sys::fs::TempFile::create(destination + ".tmp-%%%%%%%%");
  if (!file) {
    return makeError(path, toString(file.takeError()));
  }
  if (Error error = fillFile(path, file->FD, **code, contents)) {
    consumeError(file->discard());
    return error;
  }
  // Removes the file where it cannot be renamed.
  if (Error error = file->keep(destination)) {
    return makeError(path, toString(std::move(error)));
  }
  return Error::success();
}
