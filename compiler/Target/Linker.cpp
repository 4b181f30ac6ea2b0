//===- Linker.cpp - Object files to a shared library ----------------------===//

#include "compiler/Target/Linker.h"

#include "compiler/Target/SignalScope.h"
#include "compiler/Target/SystemLibraries.h"
#include "lld/Common/Driver.h"
#include "oriel/module_abi.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

LLD_HAS_DRIVER(elf)

using namespace llvm;
using namespace oriel;

static Error makeError(const Twine &message) {
  return createStringError("linking the module failed: " + message);
}

namespace {
/// A new folder, removed with all that is in it.
class PrivateFolder {
public:
  static Expected<std::unique_ptr<PrivateFolder>> create() {
    SmallString<128> path;
    if (std::error_code code = sys::fs::createUniqueDirectory("oriel-link", path)) {
      SmallString<128> parent;
      llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, parent);
      return makeError("no folder can be made in " + parent + ": " + code.message() +
                       "; set TMPDIR to a writable folder");
    }
    return std::unique_ptr<PrivateFolder>(new PrivateFolder(path));
  }
  ~PrivateFolder() {
    // A file that stays behind is no failure of the link.
    [[maybe_unused]] std::error_code ignored = sys::fs::remove_directories(path);
  }
  std::string file(const Twine &name) const { return (path + "/" + name).str(); }
  StringRef getPath() const { return path; }

private:
  explicit PrivateFolder(StringRef path) : path(path) {}
  SmallString<128> path;
};
} // namespace

static Error writeFile(StringRef path, StringRef bytes) {
  std::error_code code;
  raw_fd_ostream out(path, code);
  if (!code) {
    out << bytes;
    out.close();
    code = out.error();
    // An error that is still there when the stream goes ends the process.
    out.clear_error();
  }
  return code ? makeError(path + ": " + code.message() + "; set TMPDIR to another folder")
              : Error::success();
}

/// One line of what lld wrote: its first error with the lines (">>> ...") that explain it, and with
/// the objects' names in place of their files.
static std::string summarize(StringRef output, ArrayRef<std::string> objectPaths,
                             ArrayRef<MemoryBufferRef> objects) {
  SmallVector<StringRef> lines;
  output.split(lines, '\n', -1, /*KeepEmpty=*/false);
  auto *first = find_if(lines, [](StringRef line) { return line.contains("error: "); });
  if (first == lines.end()) {
    return output.empty() ? "lld gave no reason" : lines.front().str();
  }
  std::string text = first->split("error: ").second.str();
  auto *end = std::find_if_not(first + 1, lines.end(),
                               [](StringRef line) { return line.starts_with(">>>"); });
  for (StringRef line : make_range(first + 1, end)) {
    text += ", " + line.drop_front(3).trim().str();
  }
  // Backwards, as the path of object 1 begins that of object 10.
  for (size_t i = objects.size(); i-- > 0;) {
    for (size_t at; (at = text.find(objectPaths[i])) != std::string::npos;) {
      text.replace(at, objectPaths[i].size(), objects[i].getBufferIdentifier());
    }
  }
  return text;
}

/// Runs ld.lld as a program of its own.
static bool runSpawnedLinker(ArrayRef<std::string> arguments, const PrivateFolder &folder,
                             std::string &output) {
  auto program = sys::findProgramByName("ld.lld", {ORIEL_LLVM_TOOLS_DIR});
  if (!program) {
    program = sys::findProgramByName("ld.lld");
  }
  if (!program) {
    output = "error: ld.lld is not installed; install the package lld-22";
    return false;
  }
  std::string log = folder.file("log");
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log), StringRef(log)};
  SmallVector<StringRef> views(arguments.begin(), arguments.end());
  int status = sys::ExecuteAndWait(*program, views, std::nullopt, redirects, 0, 0, &output);
  if (auto buffer = MemoryBuffer::getFile(log)) {
    output += (*buffer)->getBuffer();
  }
  return status == 0;
}

/// Runs lld in this process, unless it crashed here before: then, as its authors ask, it must not
/// be called again.
static bool runLinker(ArrayRef<std::string> arguments, LinkerProcess process,
                      const PrivateFolder &folder, std::string &output) {
  static bool canRunAgain = true;
  if (process == LinkerProcess::Spawned || !canRunAgain) {
    return runSpawnedLinker(arguments, folder, output);
  }
  SmallVector<const char *> pointers;
  for (const std::string &argument : arguments) {
    pointers.push_back(argument.c_str());
  }
  raw_string_ostream stream(output);
  auto result = lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
  canRunAgain = result.canRunAgain;
  return result.retCode == 0;
}

/// Writes the inputs and returns the linker's command line.
static Expected<std::vector<std::string>> prepareLink(ArrayRef<MemoryBufferRef> objects,
                                                      ArrayRef<std::string> objectPaths,
                                                      const PrivateFolder &folder) {
  std::string versionScript = folder.file("exports");
  if (Error error =
          writeFile(versionScript, "{ global: " ORIEL_MODULE_QUERY_SYMBOL "; local: *; };\n")) {
    return std::move(error);
  }
  for (auto [path, object] : zip_equal(objectPaths, objects)) {
    if (Error error = writeFile(path, object.getBuffer())) {
      return std::move(error);
    }
  }
  auto libraries = writeSystemLibraryStubs(folder.getPath());
  if (!libraries) {
    return makeError(toString(libraries.takeError()));
  }
  // One thread: the result would be the same, but the compiler forks and so must stay without
  // threads.
  std::vector<std::string> arguments = {"ld.lld",
                                        "-shared",
                                        "--threads=1",
                                        "--gc-sections",
                                        "--build-id=none",
                                        "-z",
                                        "relro",
                                        "-z",
                                        "now",
                                        "-z",
                                        "noexecstack",
                                        "-z",
                                        "defs",
                                        "--hash-style=gnu",
                                        "--as-needed",
                                        "--version-script=" + versionScript,
                                        "-o",
                                        folder.file("module.so")};
  append_range(arguments, objectPaths);
  append_range(arguments, *libraries);
  return arguments;
}

Expected<std::unique_ptr<MemoryBuffer>> oriel::linkSharedLibrary(ArrayRef<MemoryBufferRef> objects,
                                                                 LinkerProcess process) {
  DeferredSignalScope deferredSignals;
  FileSizeSignalScope fileSizeSignals;
  auto folder = PrivateFolder::create();
  if (!folder) {
    return folder.takeError();
  }
  std::vector<std::string> objectPaths(objects.size());
  for (auto [i, path] : enumerate(objectPaths)) {
    path = (*folder)->file(Twine(i) + ".o");
  }
  auto arguments = prepareLink(objects, objectPaths, **folder);
  if (!arguments) {
    return arguments.takeError();
  }
  std::string output;
  if (!runLinker(*arguments, process, **folder, output)) {
    return makeError(summarize(output, objectPaths, objects));
  }
  // Read, not mapped: the file goes with its folder.
  auto module = MemoryBuffer::getFile((*folder)->file("module.so"), /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
  if (!module) {
    return makeError("the result cannot be read: " + module.getError().message());
  }
  return std::move(*module);
}
