//===- RandomWeightsTest.cpp - Models with --weights random:SEED ----------===//

#include "compiler/Reference/Interpreter.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "mlir/IR/MLIRContext.h"
#include "models/Registry.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace oriel;

namespace {

/// Flat patches with some noise, in [0, 1): nearer to a photograph than noise alone.
Tensor makeImage(mlir::func::FuncOp function, uint32_t seed) {
  auto type = llvm::cast<mlir::RankedTensorType>(function.getArgumentTypes().front());
  Tensor image = Tensor::zeros(type.getShape());
  std::mt19937 random(seed);
  float level = 0;
  for (float &value : image.values) {
    if (random() % 16 == 0) {
      level = static_cast<float>(random() % 900) / 1000;
    }
    value = level + static_cast<float>(random() % 100) / 1000;
  }
  return image;
}

double rootMeanSquare(const std::vector<float> &values) {
  double sum = 0;
  for (float value : values) {
    sum += double(value) * value;
  }
  return std::sqrt(sum / static_cast<double>(values.size()));
}

struct Case {
  const char *model;
  std::vector<std::string> settings;
};

} // namespace

// What a comparison of a compiled model with the interpreter needs: no overflow, nothing that
// vanishes, and logits that depend on the image.
TEST(RandomWeightsTest, LogitsAreOfOrderOneAndDependOnTheImage) {
  mlir::MLIRContext context;
  for (const Case &each : std::vector<Case>{
           {"mobilevit_xxs", {"image_size=64"}},
           {"mobilevit_s", {"image_size=64"}},
           {"swin_tiny_patch4_window7_224",
            {"image_size=112", "embed_dim=48", "depths=2,2,2", "num_heads=3,6,12"}},
           {"swin_basic_224",
            {"image_size=112", "embed_dim=48", "depths=2,2,2", "num_heads=3,6,12"}},
       }) {
    auto module = llvm::cantFail(buildModel(context, each.model, {1, each.settings}));
    auto function = module->lookupSymbol<mlir::func::FuncOp>("main");
    for (const char *seed : {"random:1", "random:2"}) {
      auto weights = llvm::cantFail(openWeights(seed, collectParameters(*module)));
      std::vector<std::vector<float>> logits;
      for (uint32_t image : {1, 2}) {
        auto results = interpret(function, {makeImage(function, image)}, *weights.source);
        ASSERT_TRUE(succeeded(results)) << each.model;
        logits.push_back(results->front().values);
        EXPECT_GT(rootMeanSquare(logits.back()), 0.1) << each.model << " " << seed;
        EXPECT_LT(rootMeanSquare(logits.back()), 10) << each.model << " " << seed;
      }
      std::vector<float> difference = logits[0];
      for (size_t i = 0; i < difference.size(); ++i) {
        difference[i] -= logits[1][i];
      }
      EXPECT_GT(rootMeanSquare(difference), 0.02 * rootMeanSquare(logits[0]))
          << each.model << " " << seed;
    }
  }
}
