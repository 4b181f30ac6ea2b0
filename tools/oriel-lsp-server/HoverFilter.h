//===- HoverFilter.h - Adds what an op is to what a server says -----------===//
#ifndef ORIEL_TOOLS_ORIEL_LSP_SERVER_HOVERFILTER_H
#define ORIEL_TOOLS_ORIEL_LSP_SERVER_HOVERFILTER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <thread>

namespace oriel {

/// The section on an op of the dialects' reference pages, as Markdown; "" for an op they do not
/// have. `name` is the full name, such as "oriel.conv2d".
std::string findOpDocumentation(llvm::StringRef name);

/// A reply of the server, with the op's documentation where it is a hover on an op; else as it is.
std::string addOpDocumentation(llvm::StringRef message);

/// Stands between a process's own writing to a file descriptor and whoever reads there. Messages
/// are framed by `Content-Length` headers, as the Language Server Protocol has them.
class HoverFilter {
public:
  /// Puts a filter in front of `descriptor`.
  static llvm::Expected<std::unique_ptr<HoverFilter>> insert(int descriptor);
  ~HoverFilter() { finish(); }

  /// Passes on what was written so far and ends; the descriptor is closed.
  void finish();

private:
  HoverFilter(int descriptor, int source, int sink);
  void passMessages();

  int descriptor, source, sink;
  std::thread reader;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_LSP_SERVER_HOVERFILTER_H
