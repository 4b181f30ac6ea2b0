//===- Diagnostics.cpp - MLIR's diagnostics as one-line messages ----------===//

#include "compiler/Pipeline/Diagnostics.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

using namespace mlir;
using namespace oriel;

std::string oriel::firstLine(StringRef text) { return text.split('\n').first.str(); }

/// `layer` or `file:line:column` in front of a diagnostic's text.
static std::string format(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Location location = diagnostic.getLocation();
  StringRef layer = getLayerName(location);
  if (!layer.empty()) {
    out << layer << ": ";
  } else if (auto file = location->findInstanceOf<FileLineColLoc>()) {
    out << file.getFilename().getValue() << ":" << file.getLine() << ":" << file.getColumn()
        << ": ";
  }
  out << diagnostic.str();
  return text;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        std::string text = format(diagnostic);
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error && firstError.empty()) {
          firstError = firstLine(text);
        }
        for (Diagnostic &note : diagnostic.getNotes()) {
          text += "\n  note: " + note.str();
        }
        texts.push_back(std::move(text));
        return success();
      }) {}

llvm::Error DiagnosticCollector::takeError(StringRef fallback) {
  std::string text = firstError.empty() ? fallback.str() : std::move(firstError);
  firstError.clear();
  return llvm::createStringError(text);
}
