//===- TakePixels.cpp - Bytes as the model's input ------------------------===//
//
// What a caller would have to do to an image's bytes before a run, the model does in its first
// kernel: divide by 255, normalise, and change the order of the dimensions, which then is none.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"
#include "frontend/Preprocessing.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_TAKEPIXELSPASS
#include "compiler/Transforms/Passes.h.inc"

static constexpr int64_t toChannelLast[] = {0, 2, 3, 1}, toChannelFirst[] = {0, 3, 1, 2};

/// The preprocessing that makes the image that `type` is of; reports why there is none.
static FailureOr<Preprocessing> findPreprocessing(ModuleOp module, RankedTensorType type) {
  auto preprocessing = readPreprocessing(module);
  if (!preprocessing) {
    return module.emitError(llvm::toString(preprocessing.takeError()));
  }
  if (!*preprocessing) {
    return module.emitError("the module does not say how bytes are normalised: compile it for an "
                            "input of float32, or give it oriel.preprocessing");
  }
  auto [height, width] = (*preprocessing)->size;
  auto shape = type.getShape();
  if (shape.size() != 4 || shape.drop_front() != ArrayRef<int64_t>{3, height, width}) {
    return module.emitError("the first input, ")
           << type << ", is not the image of 3x" << height << "x" << width
           << " that oriel.preprocessing makes: compile it for an input of float32";
  }
  return **preprocessing;
}

static bool isToChannelLast(Operation *op) {
  auto permute = dyn_cast<PermuteOp>(op);
  return permute && permute.getPermutation() == ArrayRef<int64_t>(toChannelLast);
}

// image = permute {0, 3, 1, 2} (x) and permute {0, 2, 3, 1} (image) = x
// with x = normalize_image(pixels)
static void takePixels(func::FuncOp function, const Preprocessing &preprocessing) {
  BlockArgument image = function.getArgument(0);
  auto imageType = cast<RankedTensorType>(image.getType());
  auto shape = imageType.getShape();
  auto builder = OpBuilder::atBlockBegin(&function.getBody().front());
  auto pixelsType = RankedTensorType::get({shape[0], shape[2], shape[3], shape[1]},
                                          builder.getIntegerType(8, /*isSigned=*/false));
  BlockArgument pixels = function.getBody().front().insertArgument(0U, pixelsType, image.getLoc());
  Value normalized = NormalizeImageOp::create(builder, image.getLoc(), pixels, preprocessing.mean,
                                              preprocessing.std);
  for (Operation *user : llvm::make_early_inc_range(image.getUsers())) {
    if (isToChannelLast(user)) {
      user->replaceAllUsesWith(ValueRange(normalized));
      user->erase();
    }
  }
  if (!image.use_empty()) {
    image.replaceAllUsesWith(
        PermuteOp::create(builder, image.getLoc(), normalized, toChannelFirst).getResult());
  }
  function.getBody().front().eraseArgument(1);
  function.setFunctionType(builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                                                   function.getResultTypes()));
}

namespace {

struct TakePixelsPass : impl::TakePixelsPassBase<TakePixelsPass> {
  void runOnOperation() override {
    auto function = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!function || function.getNumArguments() == 0) {
      getOperation().emitError("the module has no func.func @main with an input");
      return signalPassFailure();
    }
    auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[0]);
    if (!type) {
      function.emitError("the first input is no tensor of static shape");
      return signalPassFailure();
    }
    if (type.getElementType().isInteger(8)) {
      return;
    }
    auto preprocessing = findPreprocessing(getOperation(), type);
    if (failed(preprocessing)) {
      return signalPassFailure();
    }
    takePixels(function, *preprocessing);
  }
};

} // namespace
} // namespace oriel
