//===- PreprocessingTest.cpp - The module's preprocessing attribute -------===//

#include "frontend/Preprocessing.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace oriel;

TEST(PreprocessingTest, WhatIsAttachedIsReadBack) {
  mlir::MLIRContext context;
  auto module = mlir::OwningOpRef(mlir::ModuleOp::create(mlir::UnknownLoc::get(&context)));
  EXPECT_EQ(llvm::cantFail(readPreprocessing(*module)), std::nullopt);
  Preprocessing preprocessing = {
      {64, 128}, {0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}, 0.875, Interpolation::Bilinear};
  attachPreprocessing(*module, preprocessing);
  EXPECT_EQ(llvm::cantFail(readPreprocessing(*module)), preprocessing);
}

TEST(PreprocessingTest, AMalformedFieldIsAnErrorThatNamesIt) {
  mlir::MLIRContext context;
  mlir::Builder builder(&context);
  auto module = mlir::OwningOpRef(mlir::ModuleOp::create(mlir::UnknownLoc::get(&context)));
  auto errorWith = [&](llvm::StringRef field, mlir::Attribute value) {
    attachPreprocessing(*module, {.size = {64, 64}});
    mlir::NamedAttrList fields(
        (*module)->getAttrOfType<mlir::DictionaryAttr>("oriel.preprocessing"));
    value ? (void)fields.set(field, value) : (void)fields.erase(field);
    (*module)->setAttr("oriel.preprocessing", fields.getDictionary(&context));
    auto result = readPreprocessing(*module);
    return result ? "read" : toString(result.takeError());
  };
  std::vector<std::pair<llvm::StringRef, mlir::Attribute>> malformed = {
      {"input_size", {}},
      {"input_size", builder.getDenseI64ArrayAttr({3, 64})},
      {"input_size", builder.getDenseI64ArrayAttr({1, 64, 64})},
      {"input_size", builder.getDenseI64ArrayAttr({3, 0, 64})},
      {"mean", builder.getDenseF64ArrayAttr({0, 0})},
      {"mean", builder.getUnitAttr()},
      {"std", builder.getDenseF64ArrayAttr({1, 0, 1})},
      {"std", {}},
      {"crop_pct", builder.getF64FloatAttr(0)},
      {"crop_pct", builder.getF64FloatAttr(1.5)},
      {"crop_pct", builder.getI64IntegerAttr(1)},
      {"interpolation", builder.getStringAttr("nearest")},
      {"interpolation", {}},
  };
  for (auto [field, value] : malformed) {
    EXPECT_EQ(errorWith(field, value),
              "oriel.preprocessing: " + field.str() + " is missing or malformed");
  }
  (*module)->setAttr("oriel.preprocessing", builder.getUnitAttr());
  EXPECT_EQ(toString(readPreprocessing(*module).takeError()),
            "oriel.preprocessing is not a dictionary");
}
