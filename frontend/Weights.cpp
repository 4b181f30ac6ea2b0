//===- Weights.cpp - What --weights names ---------------------------------===//

#include "frontend/Weights.h"

#include "frontend/RandomParameters.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace oriel {

llvm::Expected<Weights> openWeights(StringRef specification,
                                    llvm::ArrayRef<ParameterShape> parameters) {
  Weights weights;
  weights.binding.path = specification.str();
  if (StringRef text = specification; text.consume_front("random:")) {
    uint64_t seed;
    if (!llvm::all_of(text, llvm::isDigit) || text.getAsInteger(10, seed)) {
      return llvm::createStringError("--weights " + specification +
                                     ": SEED must be a whole number from 0 to 2^64 - 1");
    }
    weights.source = std::make_unique<RandomParameters>(seed, parameters);
    return weights;
  }
  auto file = SafetensorsFile::open(specification);
  if (!file) {
    return file.takeError();
  }
  weights.binding = checkBinding(parameters, **file);
  weights.source = std::move(*file);
  return weights;
}

} // namespace oriel
