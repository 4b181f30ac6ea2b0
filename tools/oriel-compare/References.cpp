//===- References.cpp - Activations of layers in a safetensors file -------===//

#include "tools/oriel-compare/References.h"

#include "tools/oriel-compare/CompiledCase.h"
#include "tools/oriel-compare/Difference.h"
#include "tools/oriel-compare/Results.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
#include <map>

using namespace mlir;
using namespace oriel;

Tensor oriel::firstItems(const Tensor &tensor, int64_t items) {
  Tensor result = tensor;
  result.shape[0] = items;
  result.values.resize(tensor.values.size() / tensor.shape[0] * items);
  return result;
}

/// Whether `layer` is `name` or a sublayer of it.
static bool isWithin(StringRef layer, StringRef name) {
  return layer.consume_front(name) && (layer.empty() || layer.front() == '.');
}

static std::vector<LayerReference> readTensors(const SafetensorsFile &file) {
  std::vector<LayerReference> references;
  for (const SafetensorsEntry &entry : file.getEntries()) {
    LayerReference &reference = references.emplace_back();
    reference.name = entry.name;
    reference.tensor = Tensor::zeros(entry.shape);
    if (llvm::Error error = file.read(entry.name, reference.tensor.values.data())) {
      reference.reason = firstLine(toString(std::move(error)));
    }
  }
  return references;
}

namespace {
/// Which orders of elements a reference's shape allows.
struct Layouts {
  bool channelLast, channelFirst;

  Layouts(ArrayRef<int64_t> reference, ArrayRef<int64_t> output) {
    bool isVector = output.size() == 2;
    channelLast = isVector || (!reference.empty() && reference.back() == output.back());
    channelFirst = !isVector && reference.size() > 2 && reference[1] == output.back();
  }
};
} // namespace

/// Fails where the tensor is not of whole items of the layer's output.
static void countItems(LayerReference &reference) {
  auto shape = cast<RankedTensorType>(reference.output.getType()).getShape();
  Layouts layouts(reference.tensor.shape, shape);
  int64_t perItem = countElements(shape.drop_front());
  auto elements = static_cast<int64_t>(reference.tensor.values.size());
  if (elements == 0 || elements % perItem != 0 || (!layouts.channelLast && !layouts.channelFirst)) {
    throw ToolError("reference '" + reference.name + "' is of " +
                    formatDimensions(reference.tensor.shape) + ", the layer's output of " +
                    formatDimensions(shape.vec()) +
                    ": make references with the model's own settings");
  }
  reference.items = elements / perItem;
}

std::vector<LayerReference> oriel::readReferences(const std::string &path, ModuleOp model) {
  auto file = unwrap(SafetensorsFile::open(path));
  auto main = model.lookupSymbol<func::FuncOp>("main");
  if (!main) {
    throw ToolError("references name layers of a model of the zoo, or of a file of phase graph or "
                    "fused; give one of these");
  }
  std::vector<LayerReference> references = readTensors(*file);
  // Ops in the order of execution; the last of a layer wins.
  std::map<std::string, size_t> positions;
  size_t position = 0;
  main.walk([&](Operation *op) {
    ++position;
    if (op->getNumResults() != 1 || isa<KernelOp>(op) || isParameter(op->getResult(0))) {
      return;
    }
    for (LayerReference &reference : references) {
      auto matches = [&](StringRef layer) { return isWithin(layer, reference.name); };
      if (reference.reason.empty() && llvm::any_of(getLayerNames(op->getLoc()), matches)) {
        reference.output = op->getResult(0);
        positions[reference.name] = position;
      }
    }
  });
  if (positions.empty()) {
    throw ToolError("none of the " + std::to_string(references.size()) + " tensors of " + path +
                    " names a layer of the model; oriel-compile --print-model lists them");
  }
  for (LayerReference &reference : references) {
    if (reference.output) {
      countItems(reference);
    } else if (reference.reason.empty()) {
      reference.reason = "the model has no layer of this name";
    }
  }
  auto orderOf = [&](const LayerReference &reference) {
    return std::pair(reference.output ? positions.at(reference.name) : position + 1,
                     reference.name);
  };
  llvm::sort(references, [&](const auto &a, const auto &b) { return orderOf(a) < orderOf(b); });
  return references;
}

/// [B, C, positions] to [B, positions, C].
static Tensor moveChannelsBehind(const Tensor &tensor, const Tensor &like) {
  Tensor result = Tensor::zeros(like.shape);
  int64_t items = tensor.shape[0], channels = tensor.shape[1];
  int64_t positions = static_cast<int64_t>(tensor.values.size()) / (items * channels);
  for (int64_t item = 0; item < items; ++item) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      for (int64_t i = 0; i < positions; ++i) {
        result.values[(item * positions + i) * channels + channel] =
            tensor.values[(item * channels + channel) * positions + i];
      }
    }
  }
  return result;
}

std::optional<Tensor> oriel::toChannelLast(const Tensor &reference, const Tensor &value,
                                           int64_t items) {
  Tensor wanted = firstItems(value, items);
  Layouts layouts(reference.shape, value.shape);
  std::optional<Tensor> last, first;
  if (layouts.channelLast) {
    last = Tensor(wanted.shape,
                  {reference.values.begin(),
                   reference.values.begin() + static_cast<int64_t>(wanted.values.size())});
  }
  if (layouts.channelFirst) {
    first = moveChannelsBehind(firstItems(reference, items), wanted);
  }
  if (last && first) {
    return relativeDistance(*first, wanted) < relativeDistance(*last, wanted) ? first : last;
  }
  return last ? last : first;
}
