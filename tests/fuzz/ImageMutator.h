// Damaged pictures, made from real ones.

#ifndef ORIEL_TESTS_FUZZ_IMAGEMUTATOR_H
#define ORIEL_TESTS_FUZZ_IMAGEMUTATOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace oriel::fuzz {

/// `sources[seed % size]` with up to eight changes: bytes and bits, false sizes in headers and
/// elsewhere, parts left out, repeated or taken from another source, the end cut off. The checksums
/// of a PNG file and the size of a WebP file are mended most of the time, so that damage gets
/// beyond them. Fixed by `seed`.
std::string mutateImage(const std::vector<std::string> &sources, uint64_t seed);

/// The chunks of a PNG file with their right checksums.
void mendPngChecksums(std::string &file);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_IMAGEMUTATOR_H
