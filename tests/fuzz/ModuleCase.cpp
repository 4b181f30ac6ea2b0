//===- ModuleCase.cpp - What a compiled module must compute ---------------===//

#include "tests/fuzz/ModuleCase.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/Twine.h"

#include <fstream>
#include <set>

using namespace oriel;
using namespace oriel::fuzz;

static Tensor repeatItems(const Tensor &tensor, int64_t batch) {
  Tensor result = tensor;
  result.shape[0] = batch;
  size_t size = tensor.values.size() / static_cast<size_t>(tensor.shape[0]);
  result.values.resize(size * static_cast<size_t>(batch));
  for (size_t i = 0; i < result.values.size(); ++i) {
    result.values[i] = tensor.values[i % tensor.values.size()];
  }
  return result;
}

ModuleCase fuzz::withBatch(const ModuleCase &whole, int32_t batch) {
  ModuleCase repeated{batch, {}, {}};
  for (const Tensor &input : whole.inputs) {
    repeated.inputs.push_back(repeatItems(input, batch));
  }
  for (const auto &[value, bound] : whole.expected) {
    repeated.expected.push_back({repeatItems(value, batch), repeatItems(bound, batch)});
  }
  return repeated;
}

/// Whether each of `runs` gives what is wanted and the bits of the first; the text says where not.
static std::string compareRuns(llvm::ArrayRef<std::vector<Tensor>> runs, const ModuleCase &test) {
  for (auto [index, want] : llvm::enumerate(test.expected)) {
    std::string where = ("result " + llvm::Twine(index)).str();
    if (std::string worst = describeMismatch(runs.front()[index], want); !worst.empty()) {
      return where + ": " + worst;
    }
    for (const std::vector<Tensor> &run : runs) {
      if (run[index].values != runs.front()[index].values) {
        return where + ": the bits depend on the run";
      }
    }
  }
  return {};
}

std::string fuzz::findMismatch(const LoadedModule &module, const ModuleCase &test) {
  auto shapes =
      llvm::map_to_vector(test.expected, [](const auto &want) { return want.value.shape; });
  // In slices of one item, too, whose bits may be others: an item may lie elsewhere in its tiles.
  std::set<int32_t> slices = {1, test.batch};
  for (int32_t slice : slices) {
    std::vector<std::vector<Tensor>> runs;
    for (int32_t threads : {1, 2}) {
      auto results = module.run(test.inputs, shapes, test.batch, threads, slice);
      if (!results) {
        return toString(results.takeError());
      }
      runs.insert(runs.end(), results->begin(), results->end());
    }
    if (slice == test.batch) {
      auto bare = module.runBare(test.inputs, shapes, test.batch);
      if (!bare) {
        return toString(bare.takeError());
      }
      runs.push_back(std::move(*bare));
    }
    if (std::string worst = compareRuns(runs, test); !worst.empty()) {
      return ("batch " + llvm::Twine(test.batch) + " in slices of " + llvm::Twine(slice) + ", " +
              worst)
          .str();
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Files: counts of 8 bytes, then a tensor's rank, extents and values
//===----------------------------------------------------------------------===//

static void writeCount(std::ostream &file, uint64_t count) {
  file.write(reinterpret_cast<const char *>(&count), sizeof(count));
}

static void writeTensor(std::ostream &file, const Tensor &tensor) {
  writeCount(file, tensor.shape.size());
  for (int64_t extent : tensor.shape) {
    writeCount(file, static_cast<uint64_t>(extent));
  }
  file.write(reinterpret_cast<const char *>(tensor.values.data()),
             static_cast<std::streamsize>(tensor.values.size() * sizeof(float)));
}

bool fuzz::writeCase(const std::string &path, const ModuleCase &test) {
  std::ofstream file(path, std::ios::binary);
  writeCount(file, static_cast<uint64_t>(test.batch));
  writeCount(file, test.inputs.size());
  writeCount(file, test.expected.size());
  for (const Tensor &input : test.inputs) {
    writeTensor(file, input);
  }
  for (const auto &[value, bound] : test.expected) {
    writeTensor(file, value);
    writeTensor(file, bound);
  }
  file.close();
  return !file.fail();
}

static uint64_t readCount(std::istream &file) {
  uint64_t count = 0;
  file.read(reinterpret_cast<char *>(&count), sizeof(count));
  return file ? count : 0;
}

static Tensor readTensor(std::istream &file) {
  std::vector<int64_t> shape(readCount(file));
  for (int64_t &extent : shape) {
    extent = static_cast<int64_t>(readCount(file));
  }
  Tensor tensor = Tensor::zeros(shape);
  file.read(reinterpret_cast<char *>(tensor.values.data()),
            static_cast<std::streamsize>(tensor.values.size() * sizeof(float)));
  return tensor;
}

std::optional<ModuleCase> fuzz::readCase(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  ModuleCase test;
  test.batch = static_cast<int32_t>(readCount(file));
  test.inputs.resize(readCount(file));
  test.expected.resize(readCount(file));
  for (Tensor &input : test.inputs) {
    input = readTensor(file);
  }
  for (auto &[value, bound] : test.expected) {
    value = readTensor(file);
    bound = readTensor(file);
  }
  if (!file) {
    return std::nullopt;
  }
  return test;
}
