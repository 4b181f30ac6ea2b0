//===- Preprocessing.cpp - How an image becomes a model's input -----------===//

#include "frontend/Preprocessing.h"

#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;

namespace oriel {

static constexpr llvm::StringLiteral attributeName = "oriel.preprocessing";

StringRef toString(Interpolation interpolation) {
  return interpolation == Interpolation::Bilinear ? "bilinear" : "bicubic";
}

std::optional<Interpolation> parseInterpolation(StringRef text) {
  for (Interpolation interpolation : {Interpolation::Bilinear, Interpolation::Bicubic}) {
    if (text == toString(interpolation)) {
      return interpolation;
    }
  }
  return std::nullopt;
}

void attachPreprocessing(ModuleOp module, const Preprocessing &preprocessing) {
  Builder builder(module.getContext());
  NamedAttrList fields;
  fields.append("input_size", builder.getDenseI64ArrayAttr(
                                  {3, preprocessing.size.height, preprocessing.size.width}));
  fields.append("mean", builder.getDenseF64ArrayAttr(preprocessing.mean));
  fields.append("std", builder.getDenseF64ArrayAttr(preprocessing.std));
  fields.append("crop_pct", builder.getF64FloatAttr(preprocessing.cropPct));
  fields.append("interpolation", builder.getStringAttr(toString(preprocessing.interpolation)));
  module->setAttr(attributeName, fields.getDictionary(module.getContext()));
}

/// Reads three numbers that satisfy `accept`.
template <typename Accept>
static bool readTriple(DenseF64ArrayAttr attribute, std::array<double, 3> &values, Accept accept) {
  if (!attribute || attribute.size() != 3 || !llvm::all_of(attribute.asArrayRef(), accept)) {
    return false;
  }
  llvm::copy(attribute.asArrayRef(), values.begin());
  return true;
}

/// Reads all fields; returns the name of the first that is absent or malformed, else "".
static StringRef readFields(DictionaryAttr fields, Preprocessing &result) {
  auto size = fields.getAs<DenseI64ArrayAttr>("input_size");
  if (!size || size.size() != 3 || size[0] != 3 || size[1] <= 0 || size[2] <= 0) {
    return "input_size";
  }
  result.size = {size[1], size[2]};
  if (!readTriple(fields.getAs<DenseF64ArrayAttr>("mean"), result.mean,
                  [](double value) { return std::isfinite(value); })) {
    return "mean";
  }
  if (!readTriple(fields.getAs<DenseF64ArrayAttr>("std"), result.std,
                  [](double value) { return std::isfinite(value) && value > 0; })) {
    return "std";
  }
  auto cropPct = fields.getAs<FloatAttr>("crop_pct");
  if (!cropPct || !(cropPct.getValueAsDouble() > 0 && cropPct.getValueAsDouble() <= 1)) {
    return "crop_pct";
  }
  result.cropPct = cropPct.getValueAsDouble();
  auto name = fields.getAs<StringAttr>("interpolation");
  auto interpolation = name ? parseInterpolation(name) : std::nullopt;
  if (!interpolation) {
    return "interpolation";
  }
  result.interpolation = *interpolation;
  return "";
}

llvm::Expected<std::optional<Preprocessing>> readPreprocessing(ModuleOp module) {
  Attribute attribute = module->getAttr(attributeName);
  if (!attribute) {
    return std::nullopt;
  }
  auto fields = dyn_cast<DictionaryAttr>(attribute);
  if (!fields) {
    return llvm::createStringError("%s is not a dictionary", attributeName.data());
  }
  Preprocessing result;
  if (StringRef field = readFields(fields, result); !field.empty()) {
    return llvm::createStringError("%s: %s is missing or malformed", attributeName.data(),
                                   field.data());
  }
  return result;
}

} // namespace oriel
