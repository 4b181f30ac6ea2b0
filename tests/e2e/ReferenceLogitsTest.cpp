//===- ReferenceLogitsTest.cpp - The interpreter against PyTorch ----------===//
//
// Builds the models of the zoo, reads their weights and runs the graph in the interpreter; the
// logits must be PyTorch's, and so must the outputs of the stages. The bundled checkpoint is always
// there; the other cases lie in ../shared/reference, or where ORIEL_REFERENCE says.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/Interpreter.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "runtime/data/Npy.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

using namespace mlir;
using namespace oriel;

namespace {
enum class StageLayout { ChannelFirst, ChannelLast };

struct ReferenceCase {
  std::string name;
  std::string model;
  std::vector<std::string> settings = {};
  /// Of the logits, absolute: several times what PyTorch in float32 is from PyTorch in float64
  /// (case.json), and what compiled models are held to.
  double tolerance;
  StageLayout layout = StageLayout::ChannelLast;

  // Files, relative to the folder of the references.
  std::string weights = name + "/weights.safetensors";
  std::string input = name + "/input.npy";
  std::string logits = name + "/logits.npy";
  std::string stages = name + "/stages.safetensors";
};

void PrintTo(const ReferenceCase &reference, std::ostream *out) { *out << reference.name; }

std::filesystem::path referenceFolder() {
  const char *folder = std::getenv("ORIEL_REFERENCE");
  return folder ? folder : "../shared/reference";
}

Tensor loadArray(const std::filesystem::path &path) {
  FloatArray array;
  std::string error;
  EXPECT_TRUE(readNpy(path, array, error)) << error;
  return {array.shape, array.values};
}

/// Images [first, first + count) of a batch, or as many rows of logits.
Tensor slice(const Tensor &batch, int64_t first, int64_t count) {
  int64_t size = batch.values.size() / batch.shape[0];
  Tensor result;
  result.shape = batch.shape;
  result.shape[0] = count;
  result.values.assign(batch.values.begin() + first * size,
                       batch.values.begin() + (first + count) * size);
  return result;
}

double largestDifference(const Tensor &a, const Tensor &b) {
  EXPECT_EQ(a.values.size(), b.values.size());
  double largest = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    double difference = std::fabs(double(a.values[i]) - b.values[i]);
    // Written so that not a number counts.
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}

/// A model of the zoo with its weights.
class LoadedModel {
public:
  LoadedModel(const ReferenceCase &reference, int64_t batch, const std::filesystem::path &weights) {
    context.loadDialect<OrielDialect, func::FuncDialect>();
    auto built = buildModel(context, reference.model, {batch, reference.settings});
    if (!built) {
      ADD_FAILURE() << llvm::toString(built.takeError());
      return;
    }
    module = std::move(*built);
    auto opened = openWeights(weights.string(), collectParameters(*module));
    if (!opened) {
      ADD_FAILURE() << llvm::toString(opened.takeError());
      return;
    }
    EXPECT_EQ(opened->binding.formatError().value_or(""), "");
    EXPECT_EQ(opened->binding.formatWarning().value_or(""), "");
    parameters = std::move(opened->source);
  }

  Tensor run(const Tensor &image, const Observer &observer = {}) {
    if (!parameters) {
      return {};
    }
    auto results =
        interpret(module->lookupSymbol<func::FuncOp>("main"), {image}, *parameters, observer);
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? results->front() : Tensor();
  }

private:
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ParameterSource> parameters;
};

/// The output of each stage that a file holds: the last value of the layer and its sublayers.
class StageOutputs {
public:
  explicit StageOutputs(const std::filesystem::path &path) {
    auto opened = SafetensorsFile::open(path.string());
    if (!opened) {
      ADD_FAILURE() << llvm::toString(opened.takeError());
      return;
    }
    file = std::move(*opened);
  }

  void observe(Value value, const Tensor &tensor) {
    StringRef layer = getLayerName(value.getLoc());
    for (const SafetensorsEntry &entry : file->getEntries()) {
      StringRef rest = layer;
      if (!isa<ParamOp>(value.getDefiningOp()) && rest.consume_front(entry.name) &&
          (rest.empty() || rest.front() == '.')) {
        outputs[entry.name] = tensor;
      }
    }
  }

  void compare(const ReferenceCase &reference) {
    EXPECT_EQ(outputs.size(), file->getEntries().size());
    for (auto &[name, output] : outputs) {
      Tensor expected = Tensor::zeros(*file->lookup(name));
      EXPECT_FALSE(file->read(name, expected.values.data()));
      if (reference.layout == StageLayout::ChannelFirst) {
        expected = toChannelLast(expected);
      }
      double difference = largestDifference(output, expected), largest = 1;
      for (float value : expected.values) {
        largest = std::max<double>(largest, std::fabs(value));
      }
      std::printf("  %-20s differs by %.1e, largest value %.1f\n", name.c_str(), difference,
                  largest);
      EXPECT_LE(difference, reference.tolerance * largest) << name;
    }
  }

private:
  static Tensor toChannelLast(const Tensor &map) {
    int64_t channels = map.shape[1], height = map.shape[2], width = map.shape[3];
    Tensor result = Tensor::zeros(std::vector<int64_t>{1, height, width, channels});
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < width; ++x) {
          result.at(0, y, x, c) = map.at(0, c, y, x);
        }
      }
    }
    return result;
  }

  std::unique_ptr<SafetensorsFile> file;
  std::map<std::string, Tensor> outputs;
};

class ReferenceLogitsTest : public testing::TestWithParam<ReferenceCase> {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(referenceFolder())) {
      GTEST_SKIP() << "no reference cases at " << referenceFolder()
                   << " (ORIEL_REFERENCE names another folder)";
    }
  }
};
} // namespace

TEST_P(ReferenceLogitsTest, FirstImage) {
  const ReferenceCase &reference = GetParam();
  auto folder = referenceFolder();
  LoadedModel model(reference, 1, folder / reference.weights);
  Tensor input = loadArray(folder / reference.input), logits = loadArray(folder / reference.logits);
  if (std::filesystem::exists(folder / reference.stages)) {
    StageOutputs stages(folder / reference.stages);
    Tensor result = model.run(slice(input, 0, 1), [&](Value value, const Tensor &tensor) {
      stages.observe(value, tensor);
    });
    stages.compare(reference);
    EXPECT_LE(largestDifference(result, slice(logits, 0, 1)), reference.tolerance);
  } else {
    Tensor result = model.run(slice(input, 0, 1));
    EXPECT_LE(largestDifference(result, slice(logits, 0, 1)), reference.tolerance);
  }
}

// In the sweep only: see CMakeLists.txt.
TEST_P(ReferenceLogitsTest, AllImages) {
  const ReferenceCase &reference = GetParam();
  auto folder = referenceFolder();
  LoadedModel model(reference, 1, folder / reference.weights);
  Tensor input = loadArray(folder / reference.input), logits = loadArray(folder / reference.logits);
  for (int64_t image = 0; image < input.shape[0]; ++image) {
    double difference =
        largestDifference(model.run(slice(input, image, 1)), slice(logits, image, 1));
    std::printf("  image %d differs by %.1e\n", static_cast<int>(image), difference);
    EXPECT_LE(difference, reference.tolerance) << "image " << image;
  }
}

static const ReferenceCase cases[] = {
    {.name = "mobilevit_xxs",
     .model = "mobilevit_xxs",
     .tolerance = 1e-4,
     .layout = StageLayout::ChannelFirst},
    {.name = "mobilevit_s",
     .model = "mobilevit_s",
     .tolerance = 1e-4,
     .layout = StageLayout::ChannelFirst},
    {.name = "swin_tiny_patch4_window7_224",
     .model = "swin_tiny_patch4_window7_224",
     .tolerance = 2e-5},
    {.name = "swin_basic", .model = "swin_basic_224", .tolerance = 2e-5},
    {.name = "swin_narrow",
     .model = "swin_tiny_patch4_window7_224",
     .settings = {"embed_dim=32", "depths=2,2,2,2", "num_heads=1,2,4,8"},
     .tolerance = 2e-5,
     .weights = "onnx/swin_narrow.safetensors",
     .input = "onnx/swin_narrow_input.npy",
     .logits = "onnx/swin_narrow_logits.npy"},
};

INSTANTIATE_TEST_SUITE_P(Reference, ReferenceLogitsTest, testing::ValuesIn(cases),
                         [](const auto &info) { return info.param.name; });

TEST(BundledCheckpointTest, LogitsArePyTorchs) {
  std::filesystem::path folder = "models/data/mobilevit_xxs_cifar10";
  ReferenceCase reference{
      .name = "mobilevit_xxs_cifar10",
      .model = "mobilevit_xxs",
      .settings = {"image_size=64", "num_classes=10", "crop_pct=1.0"},
      .tolerance = 1e-4,
  };
  Tensor input = loadArray(folder / "input.npy"), logits = loadArray(folder / "logits.npy");
  // All images in one batch.
  LoadedModel model(reference, input.shape[0], folder / "weights.safetensors");
  EXPECT_LE(largestDifference(model.run(input), logits), reference.tolerance);
}
