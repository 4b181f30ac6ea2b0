//===- SavedCase.cpp - A module with its weights and inputs as files ------===//

#include "tools/oriel-compare/SavedCase.h"

#include "compiler/Pipeline/IRDump.h"
#include "frontend/ModuleParameters.h"
#include "runtime/data/File.h"
#include "runtime/data/Npy.h"

#include "llvm/Support/FileSystem.h"

#include <filesystem>
#include <nlohmann/json.hpp>

using namespace oriel;

/// F of F.mlir.
static std::string stemOf(const std::string &path) {
  return llvm::StringRef(path).ends_with(".mlir") ? path.substr(0, path.size() - 5) : path;
}

static std::string numberedInput(const std::string &stem, size_t index) {
  return stem + "." + std::to_string(index) + ".npy";
}

SavedCase oriel::findSavedCase(const std::string &path) {
  SavedCase found;
  std::string stem = stemOf(path), weights = stem + ".safetensors", single = stem + ".npy";
  if (llvm::sys::fs::exists(weights)) {
    found.weights = weights;
  }
  if (llvm::sys::fs::exists(single)) {
    found.inputs.push_back(single);
    return found;
  }
  for (size_t i = 0; llvm::sys::fs::exists(numberedInput(stem, i)); ++i) {
    found.inputs.push_back(numberedInput(stem, i));
  }
  return found;
}

/// All tensors as float32, in the order of `shapes`; the format is SafetensorsHeader.h's.
static llvm::Error writeSafetensors(const std::string &path, llvm::ArrayRef<ParameterShape> shapes,
                                    const ParameterSource &parameters) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::string data;
  for (const ParameterShape &parameter : shapes) {
    size_t begin = data.size();
    std::vector<float> values(static_cast<size_t>(countElements(parameter.shape)));
    if (llvm::Error error = parameters.read(parameter.name, values.data())) {
      return error;
    }
    data.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float));
    header[parameter.name] = {
        {"dtype", "F32"}, {"shape", parameter.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  // The data begins at a multiple of 8 bytes.
  text.append((8 - text.size() % 8) % 8, ' ');
  uint64_t length = text.size();
  std::string file(reinterpret_cast<const char *>(&length), sizeof length), error;
  file += text + data;
  return writeFile(path, file, error) ? llvm::Error::success() : llvm::createStringError(error);
}

static void removeSavedCase(const std::string &path) {
  SavedCase old = findSavedCase(path);
  std::error_code ignored;
  std::filesystem::remove(old.weights, ignored);
  for (const std::string &input : old.inputs) {
    std::filesystem::remove(input, ignored);
  }
}

llvm::Expected<SavedCase> oriel::writeSavedCase(const std::string &path, mlir::ModuleOp module,
                                                const ParameterSource &parameters,
                                                const std::vector<Tensor> &inputs) {
  if (llvm::Error error = writeTextFile(path, printModule(module))) {
    return error;
  }
  removeSavedCase(path);
  SavedCase written;
  std::string stem = stemOf(path), error;
  if (auto shapes = collectParameters(module); !shapes.empty()) {
    written.weights = stem + ".safetensors";
    if (llvm::Error failure = writeSafetensors(written.weights, shapes, parameters)) {
      return failure;
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    written.inputs.push_back(inputs.size() == 1 ? stem + ".npy" : numberedInput(stem, i));
    if (!writeNpy(written.inputs.back(), {inputs[i].shape, inputs[i].values}, error)) {
      return llvm::createStringError(error);
    }
  }
  return written;
}
