//===- HoverFilter.cpp - Adds what an op is to what a server says ---------===//

#include "tools/oriel-lsp-server/HoverFilter.h"
#include "tools/oriel-lsp-server/OrielDialectPages.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cstdio>
#include <unistd.h>

using namespace oriel;
using llvm::StringRef;

// mlir-tblgen writes a section as
//
//   ### `oriel.add` (::oriel::AddOp)
//
//   _Summary_
//   ...
std::string oriel::findOpDocumentation(StringRef name) {
  std::string heading = "\n### `" + name.str() + "` (";
  for (StringRef page :
       {StringRef(embedded::dialect_oriel_md()), StringRef(embedded::dialect_exec_md())}) {
    size_t begin = page.find(heading);
    if (begin == StringRef::npos) {
      continue;
    }
    StringRef section = page.substr(begin + 1);
    size_t end = std::min(section.find("\n### "), section.find("\n## "));
    return section.take_front(end).split('\n').second.trim().str();
  }
  return "";
}

/// The op that a hover's text is on: MLIR's server begins it with the quoted name.
static StringRef getHoveredOp(StringRef text) {
  return text.consume_front("\"") ? text.split('"').first : StringRef();
}

std::string oriel::addOpDocumentation(StringRef message) {
  auto parsed = llvm::json::parse(message);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return message.str();
  }
  llvm::json::Object *object = parsed->getAsObject();
  llvm::json::Object *result = object ? object->getObject("result") : nullptr;
  llvm::json::Object *contents = result ? result->getObject("contents") : nullptr;
  auto text = contents ? contents->getString("value") : std::nullopt;
  std::string documentation = text ? findOpDocumentation(getHoveredOp(*text)) : "";
  if (documentation.empty()) {
    return message.str();
  }
  (*contents)["value"] = documentation + "\n\n---\n\n" + text->str();
  return llvm::formatv("{0}", *parsed).str();
}

static llvm::Error systemError(StringRef what) {
  return llvm::createStringError(std::error_code(errno, std::generic_category()),
                                 "cannot put a filter in front of the output: " + what);
}

llvm::Expected<std::unique_ptr<HoverFilter>> HoverFilter::insert(int descriptor) {
  int ends[2];
  int sink = dup(descriptor);
  if (sink < 0) {
    return systemError("dup failed");
  }
  if (pipe(ends) != 0) {
    return systemError("pipe failed");
  }
  if (dup2(ends[1], descriptor) < 0) {
    return systemError("dup2 failed");
  }
  close(ends[1]);
  return std::unique_ptr<HoverFilter>(new HoverFilter(descriptor, ends[0], sink));
}

HoverFilter::HoverFilter(int descriptor, int source, int sink)
    : descriptor(descriptor), source(source), sink(sink), reader([this] { passMessages(); }) {}

void HoverFilter::finish() {
  if (reader.joinable()) {
    close(descriptor);
    reader.join();
    close(sink);
  }
}

void HoverFilter::passMessages() {
  std::unique_ptr<FILE, int (*)(FILE *)> in(fdopen(source, "r"), fclose);
  char line[256];
  size_t length = 0;
  while (fgets(line, sizeof(line), in.get())) {
    StringRef header = StringRef(line).trim();
    if (header.consume_front("Content-Length:")) {
      (void)llvm::to_integer(header.trim(), length);
    }
    if (!header.empty()) {
      continue;
    }
    std::string body(length, '\0');
    if (fread(body.data(), 1, length, in.get()) != length) {
      return;
    }
    std::string message = addOpDocumentation(body);
    dprintf(sink, "Content-Length: %zu\r\n\r\n", message.size());
    for (StringRef rest = message; !rest.empty();) {
      ssize_t written = write(sink, rest.data(), rest.size());
      if (written <= 0) {
        return;
      }
      rest = rest.drop_front(static_cast<size_t>(written));
    }
  }
}
