//===- Inputs.cpp - The arrays of --input ---------------------------------===//

#include "tools/oriel-compare/Inputs.h"

#include "compiler/Reference/RandomTensors.h"
#include "runtime/data/Npy.h"
#include "tools/oriel-compare/References.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace oriel;

std::optional<int64_t> InputArrays::getItems() const {
  return arrays.empty() || arrays[0].value.shape.empty()
             ? std::nullopt
             : std::optional<int64_t>(arrays[0].value.shape[0]);
}

void InputArrays::truncate(int64_t items) {
  for (Array &array : arrays) {
    if (!array.value.shape.empty() && array.value.shape[0] > items) {
      array.value = firstItems(array.value, items);
    }
  }
}

static InputArrays::Array readArray(const std::string &path) {
  FloatArray floats;
  data::Tensor bytes;
  bytes.elementType = ORIEL_ELEMENT_U8;
  std::string error, ignored;
  if (readNpy(path, floats, error)) {
    return {path, {floats.shape, floats.values}, false};
  }
  if (!readNpy(path, bytes, ignored)) {
    throw ToolError(error);
  }
  auto values = bytes.values<uint8_t>();
  return {path, {bytes.shape, {values.begin(), values.end()}}, true};
}

InputArrays oriel::readInputs(const std::vector<std::string> &specifications) {
  InputArrays result;
  for (const std::string &text : specifications) {
    llvm::StringRef rest(text);
    if (!rest.consume_front("random:")) {
      result.arrays.push_back(readArray(text));
      continue;
    }
    uint64_t seed = 0;
    if (rest.getAsInteger(10, seed) || specifications.size() != 1) {
      throw ToolError("'" + text + "' is no input: give random:SEED once, with a number, or files");
    }
    result.seed = seed;
  }
  return result;
}

std::vector<RankedTensorType> oriel::getInputTypes(ModuleOp module) {
  std::vector<RankedTensorType> types;
  if (auto main = module.lookupSymbol<func::FuncOp>("main")) {
    for (Type type : main.getArgumentTypes()) {
      types.push_back(cast<RankedTensorType>(type));
    }
  }
  for (auto program : module.getOps<exec::ProgramOp>()) {
    for (auto input : program.getOps<exec::InputOp>()) {
      types.resize(std::max<size_t>(types.size(), input.getIndex() + 1));
      types[input.getIndex()] = cast<exec::BufferType>(input.getType()).getTensor();
    }
  }
  return types;
}

static RunInput makeRandomInput(ArrayRef<RankedTensorType> types, uint64_t seed) {
  RunInput input;
  for (auto [index, type] : llvm::enumerate(types)) {
    input.inputs.push_back(type.getElementType().isInteger(8)
                               ? makeRandomPixels(type.getShape().vec(), seed + index)
                               : makeRandomTensor(type.getShape().vec(), seed + index));
  }
  return input;
}

static void checkArray(const InputArrays::Array &array, RankedTensorType type, int64_t items) {
  std::vector<int64_t> shape = array.value.shape, wanted = type.getShape().vec();
  bool fits = shape.size() == wanted.size() && shape[0] == items && items > 0 &&
              items % wanted[0] == 0 &&
              std::equal(wanted.begin() + 1, wanted.end(), shape.begin() + 1);
  if (!fits) {
    throw ToolError("'" + array.path + "' has shape " + shapeText(shape) + ", the model takes " +
                    shapeText(wanted) +
                    ": give arrays whose first dimensions are one multiple of " +
                    std::to_string(wanted[0]) + " and whose others are the same");
  }
  auto isByte = [](float value) {
    return value >= 0 && value <= 255 && value == std::floor(value);
  };
  bool wantsPixels = type.getElementType().isInteger(8);
  if (wantsPixels ? !llvm::all_of(array.value.values, isByte) : array.isPixels) {
    throw ToolError("'" + array.path + "' does not hold what the model takes: save it as " +
                    (wantsPixels ? "uint8" : "float32"));
  }
}

std::vector<RunInput> oriel::splitInputs(const InputArrays &inputs, ModuleOp module,
                                         int64_t itemLimit) {
  std::vector<RankedTensorType> types = getInputTypes(module);
  if (inputs.seed) {
    return {makeRandomInput(types, *inputs.seed)};
  }
  if (types.size() != inputs.arrays.size() || types.empty()) {
    throw ToolError("the model has " + std::to_string(types.size()) + " inputs, --input names " +
                    std::to_string(inputs.arrays.size()) + " files: give one for each");
  }
  int64_t items = inputs.getItems().value_or(0), batch = types[0].getShape()[0];
  for (auto [array, type] : llvm::zip_equal(inputs.arrays, types)) {
    checkArray(array, type, items);
  }
  std::vector<RunInput> parts;
  for (int64_t first = 0; first < std::min(items, itemLimit); first += batch) {
    RunInput &part = parts.emplace_back();
    part.firstItem = first;
    for (auto [array, type] : llvm::zip_equal(inputs.arrays, types)) {
      int64_t size = type.getNumElements();
      auto begin = array.value.values.begin() + first / batch * size;
      part.inputs.push_back({type.getShape().vec(), {begin, begin + size}});
    }
  }
  return parts;
}
