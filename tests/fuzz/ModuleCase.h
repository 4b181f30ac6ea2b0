//===- ModuleCase.h - What a compiled module must compute -----------------===//
//
// A module and its cases in files: compiled on one machine, run on another, whose processor has the
// instructions (see run-modules.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TESTS_FUZZ_MODULECASE_H
#define ORIEL_TESTS_FUZZ_MODULECASE_H

#include "compiler/Reference/BoundedTensor.h"
#include "tests/fuzz/ModuleRunner.h"

#include <optional>
#include <string>
#include <vector>

namespace oriel::fuzz {

/// Inputs of one run, and its results with their bounds.
struct ModuleCase {
  int32_t batch = 1;
  std::vector<Tensor> inputs;
  std::vector<BoundedTensor> expected;
};

/// The case with `batch` items, which are the first of its own, over and over.
ModuleCase withBatch(const ModuleCase &whole, int32_t batch);

/// The batches to check: the case's own, and another one.
inline std::vector<int32_t> getBatches(const ModuleCase &test) {
  return {test.batch, test.batch == 1 ? 3 : 1};
}

/// What a module does wrong in a case, empty if nothing. Two threads must give the bits of one, a
/// second run those of the first, and so must memory and threads of other kinds.
std::string findMismatch(const LoadedModule &module, const ModuleCase &test);

/// Writes a case in this machine's byte order; false where the file cannot be written.
bool writeCase(const std::string &path, const ModuleCase &test);
/// Nothing where the file cannot be read or ends too early.
std::optional<ModuleCase> readCase(const std::string &path);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_MODULECASE_H
