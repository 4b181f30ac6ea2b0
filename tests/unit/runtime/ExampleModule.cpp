#include "ExampleModule.h"

#include "runtime/format/ModuleNote.h"
#include "runtime/format/ModuleWriter.h"
#include "runtime/format/Sha256.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <unistd.h>

using namespace oriel;
using namespace oriel::test;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "oriel-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder: " + pattern);
  }
  folder = pattern;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(folder); }

std::string TemporaryFolder::write(const std::string &name, const Bytes &content) const {
  std::ofstream file(path(name), std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char *>(content.data()), std::streamsize(content.size()));
  if (!file.flush()) {
    throw std::runtime_error("cannot write " + path(name));
  }
  return path(name);
}

Bytes oriel::test::readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("cannot read " + path);
  }
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

Bytes oriel::test::exampleElf() { return readFile(ORIEL_EXAMPLE_ELF); }

std::vector<float> oriel::test::exampleWeights() {
  std::vector<float> weights;
  for (int o = 0; o < exampleClasses; ++o) {
    for (int i = 0; i < exampleChannels; ++i) {
      weights.push_back(float((o * 7 + i * 3) % 11 - 5) / 8);
    }
  }
  return weights;
}

Bytes oriel::test::exampleModule(const TemporaryFolder &folder, Bytes elf) {
  Bytes module = std::move(elf);
  std::vector<float> weights = exampleWeights();
  ModuleSeal seal = {};
  seal.elfSize = module.size();
  seal.parameterOffset = parameterOffset(seal.elfSize);
  seal.parameterSize = weights.size() * sizeof(float);
  SealedVariant variants[] = {{ORIEL_ISA_X86_64_V3, "x86-64-v3"},
                              {ORIEL_ISA_X86_64_V2, "x86-64-v2"}};
  seal.variants = variants;
  seal.variantCount = 2;
  Sha256 hash;
  hash.update(weights.data(), seal.parameterSize);
  hash.finish(seal.parameterSha256);
  module.resize(seal.parameterOffset + seal.parameterSize);
  memcpy(module.data() + seal.parameterOffset, weights.data(), seal.parameterSize);
  std::string path = folder.write("unsealed.so", module);
  int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const char *reason = sealModule(fd, seal);
  close(fd);
  if (reason != nullptr) {
    throw std::runtime_error(reason);
  }
  module = readFile(path);
  unlink(path.c_str());
  return module;
}

uint64_t oriel::test::noteOffset(const TemporaryFolder &folder, const Bytes &module) {
  std::string path = folder.write("located.so", module);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  NoteLocation location;
  const char *reason = locateModuleNote(fd, module.size(), location);
  close(fd);
  unlink(path.c_str());
  if (reason != nullptr) {
    throw std::runtime_error(reason);
  }
  return location.offset;
}

std::vector<float> oriel::test::exampleResult(const float *input) {
  std::vector<float> weights = exampleWeights(), result;
  for (int o = 0; o < exampleClasses; ++o) {
    float sum = 0;
    for (int i = 0; i < exampleChannels; ++i) {
      sum += weights[size_t(o) * exampleChannels + size_t(i)] * input[i];
    }
    result.push_back(sum);
  }
  float largest = std::max(0.0f, *std::max_element(result.begin(), result.end()));
  for (float &value : result) {
    value -= largest;
  }
  return result;
}

std::vector<float> oriel::test::exampleInput(int items, unsigned seed) {
  std::mt19937 generator(seed);
  // Multiples of 1/256: every sum of the example is exact, whatever the compiler contracts.
  std::uniform_int_distribution<int> distribution(-256, 256);
  std::vector<float> input(size_t(items) * exampleChannels);
  for (float &value : input) {
    value = float(distribution(generator)) / 256;
  }
  return input;
}
