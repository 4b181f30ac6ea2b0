//===- Classifier.cpp - What all image classifiers of the zoo have --------===//

#include "models/Classifier.h"

using llvm::Twine;

namespace oriel {

static std::string format(Size2D size) {
  return (Twine(size.height) + "x" + Twine(size.width)).str();
}

/// Whether all tilings come out even in one dimension.
static bool fits(llvm::ArrayRef<Tiling> tilings, int64_t Size2D::*dimension) {
  return llvm::all_of(tilings, [=](const Tiling &tiling) {
    return tiling.map.*dimension > 0 && tiling.map.*dimension % (tiling.tile.*dimension) == 0;
  });
}

/// `image` with both sizes moved by `step` until they fit; nothing if one does not up to the limit.
static std::optional<Size2D> findFitting(Size2D image, int64_t step, TilingsOfImage tilingsOf) {
  for (auto dimension : {&Size2D::height, &Size2D::width}) {
    while (!fits(tilingsOf(image), dimension)) {
      image.*dimension += step;
      if (image.*dimension < 1 || image.*dimension > maxImageSize) {
        return std::nullopt;
      }
    }
  }
  return image;
}

static std::string describeFitting(Size2D image, TilingsOfImage tilingsOf) {
  auto smaller = findFitting(image, -1, tilingsOf), larger = findFitting(image, 1, tilingsOf);
  if (smaller && larger) {
    return "the nearest sizes that fit are " + format(*smaller) + " and " + format(*larger);
  }
  if (smaller || larger) {
    return "the nearest size that fits is " + format(smaller ? *smaller : *larger);
  }
  return "no size up to " + std::to_string(maxImageSize) + " fits";
}

void requireTilings(GraphBuilder &builder, Size2D image, TilingsOfImage tilingsOf) {
  for (const Tiling &tiling : tilingsOf(image)) {
    if (fits(tiling, &Size2D::height) && fits(tiling, &Size2D::width)) {
      continue;
    }
    Scope scope(builder, tiling.layer);
    builder.fail(tiling.tiles + " of " + format(tiling.tile) + " do not tile a map of " +
                 format(tiling.map) + " (image_size " + format(image) + "); " +
                 describeFitting(image, tilingsOf));
    return;
  }
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildClassifier(mlir::MLIRContext &context, llvm::StringRef name, const ClassifierConfig &config,
                llvm::function_ref<GraphTensor(GraphBuilder &, GraphTensor)> network) {
  GraphBuilder builder(context, name);
  builder.setPreprocessing(config.preprocessing);
  Size2D size = config.preprocessing.size;
  GraphTensor image = builder.input("image", {config.batch, 3, size.height, size.width});
  return builder.finish(network(builder, builder.permute(image, {0, 2, 3, 1})));
}

} // namespace oriel
