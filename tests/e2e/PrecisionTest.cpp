//===- PrecisionTest.cpp - Models whose memory holds float16 --------------===//
//
// The tools compile f16 for devices only. What holds for any target is checked on the processor's
// schedules here: that each kernel reads and stores what it should, where it should.
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "tools/oriel-compare/Comparison.h"
#include "tools/oriel-compare/Results.h"
#include "tools/support/CompileSource.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>

using namespace mlir;
using namespace oriel;
using testing::HasSubstr;

namespace {

constexpr int64_t batch = 3;
constexpr const char *target = "x86-64-v3";

struct ModelCase {
  std::string name, model;
  std::vector<std::string> settings;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const ModelCase &model, std::ostream *out) { *out << model.name; }

class PrecisionTest : public testing::TestWithParam<ModelCase> {
protected:
  PrecisionTest() : context(makeCompilerContext()) {}

  void SetUp() override {
    model = unwrap(buildModel(*context, GetParam().model, {batch, GetParam().settings}));
    weights = unwrap(openWeights("random:5", collectParameters(*model)));
    input = {{makeRandomTensor({batch, 3, 64, 64}, 11)}, 0};
  }

  CompiledCase compile(ElementType precision, const ScratchFolder &folder) {
    CaseOptions options;
    options.compile.targets = {*KernelTarget::get(target)};
    options.compile.jobs = 2;
    options.compile.precision = precision;
    OwningOpRef<ModuleOp> lowered(model->clone());
    lowerCase(*lowered, options);
    return compileCase(std::move(lowered), *weights.source, options, folder);
  }
  Tensor logitsOf(ElementType precision) {
    ScratchFolder folder;
    CompiledCase compiled = compile(precision, folder);
    Tensor logits;
    ModuleRun(compiled.path, target, batch, /*threads=*/2)
        .run(input.inputs, [&](int32_t, std::vector<Tensor> stored) { logits = stored.back(); });
    return logits;
  }

  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> model;
  Weights weights;
  RunInput input;
};

TEST_P(PrecisionTest, EachLaunchStoresItsResultsRoundedOnce) {
  ScratchFolder folder;
  CompiledCase compiled = compile(ElementType::F16, folder);
  for (int threads : {1, 2}) {
    ModuleRun run(compiled.path, target, batch, threads);
    size_t rows = 0;
    compareWithInterpreter(compiled, run, input,
                           [&](const ComparisonRow &row, const Activations &) {
                             EXPECT_EQ(row.difference.verdict, Verdict::Good) << describeBad(row);
                             ++rows;
                             return true;
                           });
    EXPECT_GE(rows, compiled.program->getLaunches().size());
  }
}

TEST_P(PrecisionTest, TheArenaHoldsFloat16AndTheCallersMemoryFloat32) {
  ScratchFolder folder;
  CompiledCase compiled = compile(ElementType::F16, folder);
  ModuleRun run(compiled.path, target, batch, /*threads=*/2);
  auto last = static_cast<int32_t>(compiled.program->getLaunches().size()) - 1;
  run.run(input.inputs, [&](int32_t launch, const std::vector<Tensor> &stored) {
    for (const Tensor &tensor : stored) {
      EXPECT_EQ(tensor.values == roundToFloat16(tensor).values, launch != last) << launch;
    }
  });
}

TEST_P(PrecisionTest, GivesTheLogitsOfFloat32Nearly) {
  Tensor half = logitsOf(ElementType::F16), full = logitsOf(ElementType::F32);
  Difference difference = measureDifference(half, full, Tensor::zeros(full.shape));
  EXPECT_GE(difference.cosine, 0.999);
  EXPECT_NE(half.values, full.values);
}

TEST_P(PrecisionTest, FindsTheLayerThatOverflowsFloat16) {
  ScratchFolder folder;
  CompiledCase compiled = compile(ElementType::F16, folder);
  oriel_load_options load = {};
  ModuleHandle module = loadModule(compiled.path, load);
  oriel_context_options options = {};
  options.struct_size = sizeof options;
  options.check_numerics = 1;
  ContextHandle context = createContext(*module, options);
  // Far from the end of float32, and a product with the first layer's weights is beyond float16's.
  std::vector<float> images = input.inputs[0].values, logits(batch * 10);
  std::fill(images.begin(), images.begin() + 3 * 64 * 64, 1e6f);
  const void *inputs[] = {images.data()};
  void *outputs[] = {logits.data()};
  oriel_error error = {};
  EXPECT_EQ(oriel_context_run(context.get(), inputs, outputs, &error), ORIEL_NOT_FINITE);
  EXPECT_THAT(error.message,
              HasSubstr("item 0: layer '" + compiled.program->getLaunches().front().layer + "'"));
  EXPECT_EQ(oriel_context_nonfinite(context.get(), 1), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Models, PrecisionTest,
    testing::Values(ModelCase{"MobileViT", "mobilevit_xxs", {"image_size=64", "num_classes=10"}},
                    ModelCase{"Swin",
                              "swin_tiny_patch4_window7_224",
                              {"image_size=64", "num_classes=10", "window_size=4", "embed_dim=24",
                               "depths=2,2", "num_heads=1,2"}}),
    [](const auto &info) { return info.param.name; });

} // namespace
