//===- IRDump.cpp - The files of --dump-ir --------------------------------===//

#include "compiler/Pipeline/IRDump.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace oriel;
using llvm::isDigit;
using llvm::StringRef;

static constexpr StringRef pageFile = "index.html";

std::string oriel::printModule(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  module.print(out, mlir::OpPrintingFlags().enableDebugInfo());
  out << '\n';
  return text;
}

/// Whether an earlier compilation may have written the file: `12-name.mlir`, `12-name.ll`.
static bool isDump(StringRef name) {
  StringRef extension = llvm::sys::path::extension(name);
  return name.size() > 3 && isDigit(name[0]) && isDigit(name[1]) && name[2] == '-' &&
         (extension == ".mlir" || extension == ".ll");
}

/// Removes the files of a folder whose name `matches`.
static llvm::Error removeFiles(StringRef folder, llvm::function_ref<bool(StringRef)> matches) {
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error)) {
    if (!matches(llvm::sys::path::filename(it->path()))) {
      continue;
    }
    if (std::error_code failure = llvm::sys::fs::remove(it->path())) {
      return llvm::createStringError("cannot remove " + it->path() + ": " + failure.message());
    }
  }
  return llvm::Error::success();
}

llvm::Error IRDump::open() {
  if (!enabled()) {
    return llvm::Error::success();
  }
  llvm::SmallString<128> kernels(directory);
  llvm::sys::path::append(kernels, "kernels");
  if (std::error_code error =
          llvm::sys::fs::create_directories(kernels, true, llvm::sys::fs::all_all)) {
    return llvm::createStringError("cannot make the folder " + directory + ": " + error.message() +
                                   "; give --dump-ir a folder that can be written");
  }
  auto isOurs = [](StringRef name) { return isDump(name) || name == pageFile; };
  if (auto error = removeFiles(directory, isOurs)) {
    return error;
  }
  return removeFiles(kernels, [](StringRef name) { return name.ends_with(".stmt"); });
}

llvm::Error IRDump::write(StringRef file, StringRef text) {
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, file);
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    out << text;
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error) {
    return llvm::createStringError("cannot write " + path.str() + ": " + error.message());
  }
  return llvm::Error::success();
}

llvm::Error IRDump::writeText(StringRef name, StringRef text) {
  if (!enabled()) {
    return llvm::Error::success();
  }
  if (name.contains('/')) {
    return write(name, text);
  }
  return write((llvm::formatv("{0,0+2}-", number++) + name).str(), text);
}

llvm::Error IRDump::writePhase(StringRef phase, mlir::ModuleOp module) {
  if (!enabled()) {
    return llvm::Error::success();
  }
  last = printModule(module);
  page.addModule(phase, "", last);
  return writeText((phase + ".mlir").str(), last);
}

llvm::Error IRDump::writePass(StringRef phase, StringRef pass, mlir::ModuleOp module) {
  if (!enabled()) {
    return llvm::Error::success();
  }
  std::string text = printModule(module);
  if (text == last) {
    page.addUnchanged(phase, pass);
    return llvm::Error::success();
  }
  last = std::move(text);
  page.addModule(phase, pass, last);
  return writeText((phase + "-" + pass + ".mlir").str(), last);
}

llvm::Error IRDump::writePage() {
  if (!enabled()) {
    return llvm::Error::success();
  }
  auto text = page.print();
  return text ? write(pageFile, *text) : text.takeError();
}

llvm::Error oriel::writeTextFile(StringRef path, StringRef text) {
  if (path.empty() || path == "-") {
    llvm::outs() << text;
    llvm::outs().flush();
    return llvm::Error::success();
  }
  llvm::Error error = llvm::writeToOutput(path, [&](llvm::raw_ostream &out) {
    out << text;
    return llvm::Error::success();
  });
  if (error) {
    return llvm::createStringError("cannot write " + path + ": " + toString(std::move(error)));
  }
  return llvm::Error::success();
}
