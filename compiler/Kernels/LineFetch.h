//===- LineFetch.h - Statements that fetch a line ahead -------------------===//
#ifndef ORIEL_COMPILER_KERNELS_LINEFETCH_H
#define ORIEL_COMPILER_KERNELS_LINEFETCH_H

#include "Halide.h"

#include <string>
#include <utility>
#include <vector>

namespace oriel {

/// Elements of float32 in a line of the caches.
inline constexpr int lineElements = 16;

/// Names and their values, from the outermost.
using Definitions = std::vector<std::pair<std::string, Halide::Expr>>;

/// The first element of a load's or store's index, in terms of what is defined outside of
/// `definitions`.
Halide::Expr firstIndexOf(const Halide::Expr &index, const Definitions &definitions);

/// Fetches the line of an element of a buffer of float32. Halide's code for it bypasses the caches
/// (prefetchnta), see `keepPrefetched`.
Halide::Internal::Stmt fetchLine(const std::string &buffer, const Halide::Expr &index);

/// `assembly` with its fetches into all caches: what is fetched is read only after much else, or by
/// many tiles and larger than the first-level cache.
std::string keepPrefetched(std::string assembly);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_LINEFETCH_H
