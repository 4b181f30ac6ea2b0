// Module files made from example_module.c, whole and broken.

#ifndef ORIEL_TESTS_UNIT_RUNTIME_EXAMPLEMODULE_H
#define ORIEL_TESTS_UNIT_RUNTIME_EXAMPLEMODULE_H

#include "oriel/runtime.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel::test {

constexpr int exampleChannels = 3 * 8 * 8;
constexpr int exampleClasses = 16;

using Bytes = std::vector<uint8_t>;

/// A folder that is removed with its files at the end of the test.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  /// Writes `content` to a new file and returns its path.
  std::string write(const std::string &name, const Bytes &content) const;
  std::string path(const std::string &name) const { return folder + "/" + name; }

private:
  std::string folder;
};

Bytes readFile(const std::string &path);

/// The ELF part as the linker wrote it: a shared object with an empty note.
Bytes exampleElf();

/// The parameter block of the example, dense [exampleClasses][exampleChannels].
std::vector<float> exampleWeights();

/// The whole module: ELF part, padding, parameters, note filled in.
Bytes exampleModule(const TemporaryFolder &folder, Bytes elf = exampleElf());

/// Where the note's descriptor lies in a module.
uint64_t noteOffset(const TemporaryFolder &folder, const Bytes &module);

/// The note of `module`, changed by `change` and written back.
template <typename Change>
Bytes withNote(const TemporaryFolder &folder, Bytes module, Change change) {
  oriel_module_note note;
  uint8_t *place = module.data() + noteOffset(folder, module);
  __builtin_memcpy(&note, place, sizeof note);
  change(note);
  __builtin_memcpy(place, &note, sizeof note);
  return module;
}

/// What the example computes for one item, with the sums in the same order.
std::vector<float> exampleResult(const float *input);

/// `items` inputs with values that differ from item to item, in [-1, 1].
std::vector<float> exampleInput(int items, unsigned seed);

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_RUNTIME_EXAMPLEMODULE_H
