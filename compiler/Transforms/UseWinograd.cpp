//===- UseWinograd.cpp - 3x3 convolutions with fewer products -------------===//
//
// Of 36 products for a 2x2 tile of results Winograd's minimal filtering makes 16, for some sums
// before and after. The filter's part of that is parameter arithmetic.
//
// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_USEWINOGRADPASS
#include "compiler/Transforms/Passes.h.inc"

/// Whether winograd_conv2d can compute it.
static bool isThreeByThree(Conv2DOp conv) {
  ArrayRef<int64_t> filter = conv.getFilter().getType().getShape();
  return filter[2] == 3 && filter[3] == 3 && conv.getGroups() == 1 &&
         llvm::all_of(conv.getStrides(), [](int64_t stride) { return stride == 1; }) &&
         isParameter(conv.getFilter());
}

/// Arithmetic next to that of the direct convolution, per tile of 2x2 results: 16 products of I x O
/// instead of 36, each two operations; a sum of two for each of 4x4 inputs, twice; 24 sums for an
/// output. Half a map's last tiles may lie outside of it.
static double estimateCost(Conv2DOp conv) {
  ArrayRef<int64_t> filter = conv.getFilter().getType().getShape();
  ArrayRef<int64_t> map = conv.getType().getShape();
  auto inputs = double(filter[1]), outputs = double(filter[0]);
  double padded =
      double(4 * llvm::divideCeil(map[1], int64_t(2)) * llvm::divideCeil(map[2], int64_t(2)));
  double tile = 32 * inputs * outputs + 32 * inputs + 24 * outputs;
  return tile / (72 * inputs * outputs) * padded / double(map[1] * map[2]);
}

// conv2d(x, w) = winograd_conv2d(x, winograd_filter(w)) for 3x3 filters and strides of 1
static WinogradConv2DOp replace(Conv2DOp conv) {
  OpBuilder builder(conv);
  Value filter = WinogradFilterOp::create(builder, conv.getFilter().getLoc(), conv.getFilter());
  auto winograd = WinogradConv2DOp::create(builder, conv.getLoc(), conv.getInput(), filter,
                                           conv.getBias(), conv.getPadding());
  conv.replaceAllUsesWith(winograd.getResult());
  conv.erase();
  return winograd;
}

namespace {

struct UseWinogradPass : impl::UseWinogradPassBase<UseWinogradPass> {
  void runOnOperation() override {
    // Measured: with 16 channels what is saved goes into the sums around the products.
    constexpr int64_t leastChannels = 32;
    constexpr double worthwhile = 0.75;
    SmallVector<Conv2DOp> convolutions(getOperation().getOps<Conv2DOp>());
    for (Conv2DOp conv : convolutions) {
      if (!isThreeByThree(conv)) {
        continue;
      }
      ArrayRef<int64_t> filter = conv.getFilter().getType().getShape();
      double cost = estimateCost(conv);
      if (std::min(filter[0], filter[1]) < leastChannels || cost > worthwhile) {
        remarkNotFused(conv, getArgument(),
                       llvm::formatv("conv2d stays direct: with {0} and {1} channels on {2}x{3} "
                                     "Winograd's tiles take {4:f2} of its arithmetic",
                                     filter[1], filter[0], conv.getType().getShape()[1],
                                     conv.getType().getShape()[2], cost)
                           .str());
        continue;
      }
      remarkGain(replace(conv), getArgument(),
                 llvm::formatv("Winograd's tiles take {0:f2} of the convolution's arithmetic", cost)
                     .str());
    }
  }
};

} // namespace
} // namespace oriel
