//===- ParameterShape.h - A parameter's name and shape --------------------===//
#ifndef ORIEL_FRONTEND_PARAMETERSHAPE_H
#define ORIEL_FRONTEND_PARAMETERSHAPE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

struct ParameterShape {
  std::string name;
  std::vector<int64_t> shape;

  bool operator==(const ParameterShape &) const = default;
};

/// `96x3x4x4`; `scalar` for no dimensions.
std::string formatParameterShape(llvm::ArrayRef<int64_t> shape);

/// A name from a file with everything that is not printable ASCII escaped, so that a line stays
/// one.
std::string formatParameterName(llvm::StringRef name);

} // namespace oriel

#endif // ORIEL_FRONTEND_PARAMETERSHAPE_H
