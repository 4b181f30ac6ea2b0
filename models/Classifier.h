//===- Classifier.h - What all image classifiers of the zoo have ----------===//
#ifndef ORIEL_MODELS_CLASSIFIER_H
#define ORIEL_MODELS_CLASSIFIER_H

#include "frontend/GraphBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <string>

namespace oriel {

struct ClassifierConfig {
  int64_t batch = 1;
  int64_t numClasses = 1000;
  /// Includes the size of the image.
  Preprocessing preprocessing;
};

inline constexpr int64_t maxImageSize = 8192;

/// A layer that cuts a map (or the image) into tiles.
struct Tiling {
  std::string layer;
  Size2D map;
  Size2D tile;
  /// "windows" or "patches".
  llvm::StringRef tiles;
};

/// The layers of a model that cut a map into tiles, for an image of the given size.
using TilingsOfImage = llvm::function_ref<llvm::SmallVector<Tiling>(Size2D image)>;

/// Fails `builder`, naming the layer and the nearest image sizes that fit, unless all tilings of an
/// image of that size come out even.
void requireTilings(GraphBuilder &builder, Size2D image, TilingsOfImage tilingsOf);

/// Builds `@main`: an image [B, 3, H, W] through `network`, which gets it as a feature map
/// [B, H, W, 3] and gives the class scores [B, classes].
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildClassifier(mlir::MLIRContext &context, llvm::StringRef name, const ClassifierConfig &config,
                llvm::function_ref<GraphTensor(GraphBuilder &, GraphTensor)> network);

} // namespace oriel

#endif // ORIEL_MODELS_CLASSIFIER_H
