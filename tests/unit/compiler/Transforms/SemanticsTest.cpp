//===- SemanticsTest.cpp - Passes keep what models compute ----------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/Interpreter.h"
#include "compiler/Reference/RandomTensors.h"
#include "compiler/Transforms/Passes.h"
#include "frontend/ModuleParameters.h"
#include "frontend/RandomParameters.h"
#include "models/Registry.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <map>

using namespace mlir;
using namespace oriel;

namespace {

/// A module with the function @main, seeded parameters and a seeded input.
class Graph {
public:
  explicit Graph(OwningOpRef<ModuleOp> graph)
      : module(std::move(graph)), parameters(/*seed=*/1, collectParameters(*module)) {
    auto type = cast<RankedTensorType>(getMain().getArgumentTypes().front());
    input = makeRandomTensor(type.getShape(), /*seed=*/2);
  }

  func::FuncOp getMain() { return module->lookupSymbol<func::FuncOp>("main"); }

  /// Whether the pass succeeds and leaves a valid module.
  bool run(std::unique_ptr<Pass> pass) {
    PassManager manager(module->getContext(), ModuleOp::getOperationName(),
                        PassManager::Nesting::Implicit);
    manager.addPass(std::move(pass));
    return succeeded(manager.run(*module)) && succeeded(verify(*module));
  }

  Tensor evaluate() {
    auto results = interpret(getMain(), input, parameters);
    return succeeded(results) ? results->front() : Tensor();
  }

  /// The result, with how far a float32 evaluation in any order may be from it.
  BoundedTensor evaluateWithBounds() {
    auto results = interpretWithBounds(getMain(), input, parameters);
    return succeeded(results) ? results->front() : BoundedTensor();
  }

private:
  OwningOpRef<ModuleOp> module;
  RandomParameters parameters;
  Tensor input;
};

} // namespace

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

namespace {

struct Model {
  const char *name;
  int64_t batch;
  std::vector<std::string> settings;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const Model &model, std::ostream *out) {
  *out << model.name << " x " << model.batch;
  for (const std::string &setting : model.settings) {
    *out << ' ' << setting;
  }
}

class ModelSemanticsTest : public testing::TestWithParam<Model> {
protected:
  Graph build() {
    auto [name, batch, settings] = GetParam();
    return Graph(llvm::cantFail(buildModel(context, name, {batch, settings})));
  }

  MLIRContext context;
};

} // namespace

TEST_P(ModelSemanticsTest, PassesThatKeepRoundingsKeepEachBit) {
  Graph graph = build();
  Tensor before = graph.evaluate();
  ASSERT_FALSE(before.values.empty());
  for (std::unique_ptr<Pass> &pass : createFusionPasses()) {
    std::string flag = pass->getArgument().str();
    SCOPED_TRACE(flag);
    ASSERT_TRUE(graph.run(std::move(pass)));
    Tensor after = graph.evaluate();
    if (!changesRounding(flag)) {
      EXPECT_EQ(before.values, after.values);
    }
    before = std::move(after);
  }
}

TEST_P(ModelSemanticsTest, EverythingIsInKernelsAndEachHasAnAnchor) {
  Graph graph = build();
  for (std::unique_ptr<Pass> &pass : createFusionPasses()) {
    ASSERT_TRUE(graph.run(std::move(pass)));
  }
  for (Operation &op : graph.getMain().getBody().front()) {
    EXPECT_TRUE((isa<KernelOp, PreparedOp, func::ReturnOp>(op)))
        << op.getName().getStringRef().str();
  }
  // So no kernel only moves data, and none is only an activation, an addition or a batch norm.
  graph.getMain().walk([](KernelOp kernel) {
    bool hasAnchor = llvm::any_of(*kernel.getBodyBlock(), [](Operation &op) {
      return isa<WorkOpInterface, LayerNormOp, GlobalAvgPoolOp>(op);
    });
    EXPECT_TRUE(hasAnchor) << getLayerName(kernel.getLoc()).str();
  });
}

// Maps that are not square; windows shifted in both dimensions, in one and in none; one window.
INSTANTIATE_TEST_SUITE_P(
    Zoo, ModelSemanticsTest,
    testing::Values(Model{"swin_tiny_patch4_window7_224",
                          2,
                          {"image_size=56x112", "embed_dim=16", "depths=2,2", "num_heads=2,4",
                           "num_classes=5"}},
                    Model{"swin_basic_224",
                          1,
                          {"image_size=48x64", "window_size=3x4", "embed_dim=16", "depths=2,2,1",
                           "num_heads=1,2,4", "num_classes=5"}},
                    Model{"mobilevit_xxs", 1, {"image_size=64x128", "num_classes=5"}},
                    // So many tokens that linear layers share a kernel.
                    Model{"swin_tiny_patch4_window7_224",
                          1,
                          {"image_size=448", "embed_dim=16", "depths=1", "num_heads=2",
                           "num_classes=5"}}));

TEST(SwinKernelsTest, ABlockIsFiveKernelsOrFourAndSwinTinyAtMostSeventy) {
  MLIRContext context;
  Graph graph(llvm::cantFail(buildModel(context, "swin_tiny_patch4_window7_224")));
  for (std::unique_ptr<Pass> &pass : createFusionPasses()) {
    ASSERT_TRUE(graph.run(std::move(pass)));
  }
  int kernels = 0;
  std::map<std::string, int> kernelsOfBlock;
  graph.getMain().walk([&](KernelOp kernel) {
    ++kernels;
    // layers.<stage>.blocks.<block>.<layer>
    SmallVector<StringRef> parts;
    getLayerName(kernel.getLoc()).split(parts, '.');
    if (parts.size() > 4 && parts[2] == "blocks") {
      ++kernelsOfBlock[(parts[1] + "." + parts[3]).str()];
    }
  });
  EXPECT_LE(kernels, 70);
  EXPECT_EQ(kernelsOfBlock.size(), 12u);
  for (const auto &[block, count] : kernelsOfBlock) {
    // Linear layers share a kernel in the first stage.
    EXPECT_EQ(count, block[0] == '0' ? 4 : 5) << block;
  }
}

//===----------------------------------------------------------------------===//
// Passes that change roundings, a layer at a time: across a whole model, bounds grow without limit
//===----------------------------------------------------------------------===//

namespace {

class LayerSemanticsTest : public testing::Test {
protected:
  LayerSemanticsTest() { context.loadDialect<OrielDialect, func::FuncDialect>(); }

  /// Expects that the pass changes the result of a layer by no more than its roundings may.
  void expectSameWithinRounding(const char *text, std::unique_ptr<Pass> pass) {
    Graph graph(parseSourceString<ModuleOp>(text, &context));
    BoundedTensor before = graph.evaluateWithBounds();
    ASSERT_TRUE(graph.run(std::move(pass)));
    BoundedTensor after = graph.evaluateWithBounds();
    // Each is within its bound of the exact result, which is the same.
    for (auto [bound, other] : llvm::zip_equal(before.bound.values, after.bound.values)) {
      bound += other;
    }
    EXPECT_EQ(describeMismatch(after.value, before), "");
  }

  MLIRContext context;
};

} // namespace

TEST_F(LayerSemanticsTest, FoldedBatchNormIsTheBatchNormOfTheConvolution) {
  expectSameWithinRounding(R"mlir(
    func.func @main(%x: tensor<2x5x7x4xf32>) -> tensor<2x3x4x6xf32> {
      %w = oriel.param "conv.weight" : tensor<6x2x3x3xf32>
      %b = oriel.param "conv.bias" : tensor<6xf32>
      %gamma = oriel.param "bn.weight" : tensor<6xf32>
      %beta = oriel.param "bn.bias" : tensor<6xf32>
      %mean = oriel.param "bn.running_mean" : tensor<6xf32>
      %variance = oriel.param "bn.running_var" : tensor<6xf32>
      %c = oriel.conv2d %x, %w, %b {groups = 2 : i64, padding = array<i64: 1, 1>, strides = array<i64: 2, 2>}
         : (tensor<2x5x7x4xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<2x3x4x6xf32>
      %y = oriel.batch_norm %c, %gamma, %beta, %mean, %variance {epsilon = 1.0e-05 : f64}
         : (tensor<2x3x4x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x3x4x6xf32>
      return %y : tensor<2x3x4x6xf32>
    })mlir",
                           createFoldBatchNormPass());
}

// Windows of 2x3 on a map of 6x6: 3x2 windows, so that rows and columns cannot be confused.
TEST_F(LayerSemanticsTest, MergedTableIsBiasAndMaskOfEachWindow) {
  expectSameWithinRounding(R"mlir(
    func.func @main(%s: tensor<2x6x2x6x6xf32>) -> tensor<2x6x2x6x6xf32> {
      %t = oriel.param "attn.relative_position_bias_table" : tensor<15x2xf32>
      %b = oriel.relative_position_bias %t {window = array<i64: 2, 3>} : (tensor<15x2xf32>) -> tensor<2x6x6xf32>
      %m = oriel.shift_mask {map = array<i64: 6, 6>, shift = array<i64: 1, 2>, window = array<i64: 2, 3>}
         : () -> tensor<6x1x6x6xf32>
      %a = oriel.add %s, %b : (tensor<2x6x2x6x6xf32>, tensor<2x6x6xf32>) -> tensor<2x6x2x6x6xf32>
      %r = oriel.add %a, %m : (tensor<2x6x2x6x6xf32>, tensor<6x1x6x6xf32>) -> tensor<2x6x2x6x6xf32>
      return %r : tensor<2x6x2x6x6xf32>
    })mlir",
                           createMergeAttentionTablesPass());
}

TEST_F(LayerSemanticsTest, MaskShiftedInOneDimensionKeepsTheOtherWhole) {
  expectSameWithinRounding(R"mlir(
    func.func @main(%s: tensor<1x6x1x6x6xf32>) -> tensor<1x6x1x6x6xf32> {
      %m = oriel.shift_mask {map = array<i64: 6, 6>, shift = array<i64: 0, 1>, window = array<i64: 2, 3>}
         : () -> tensor<6x1x6x6xf32>
      %r = oriel.add %s, %m : (tensor<1x6x1x6x6xf32>, tensor<6x1x6x6xf32>) -> tensor<1x6x1x6x6xf32>
      return %r : tensor<1x6x1x6x6xf32>
    })mlir",
                           createMergeAttentionTablesPass());
}
