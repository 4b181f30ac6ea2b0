//===- ParameterShape.cpp - A parameter's name and shape ------------------===//

#include "frontend/ParameterShape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace oriel {

std::string formatParameterShape(llvm::ArrayRef<int64_t> shape) {
  if (shape.empty()) {
    return "scalar";
  }
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::interleave(shape, out, "x");
  return text;
}

std::string formatParameterName(llvm::StringRef name) {
  constexpr size_t longest = 200;
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::printEscapedString(name.take_front(longest), out);
  out << (name.size() > longest ? "..." : "");
  return text;
}

} // namespace oriel
