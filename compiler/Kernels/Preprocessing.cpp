//===- Preprocessing.cpp - The kernels of liboriel_data.a -----------------===//
//
// A program of the build: `preprocessing-kernels TARGET OBJECT` writes the functions that
// runtime/data/PreprocessingKernels.h declares as one object for one level of x86-64. All sums are
// in 32-bit integers, so every level gives the same values.
//
//===----------------------------------------------------------------------===//

#include "runtime/data/PreprocessingKernels.h"
#include <Halide.h>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>

using namespace Halide;
using oriel::data::KernelBuffer;
using oriel::data::KernelDimension;

static_assert(sizeof(KernelBuffer) == sizeof(halide_buffer_t) &&
              offsetof(KernelBuffer, host) == offsetof(halide_buffer_t, host) &&
              offsetof(KernelBuffer, type) == offsetof(halide_buffer_t, type) &&
              offsetof(KernelBuffer, dimensions) == offsetof(halide_buffer_t, dimensions) &&
              offsetof(KernelBuffer, dim) == offsetof(halide_buffer_t, dim));
static_assert(sizeof(KernelDimension) == sizeof(halide_dimension_t) &&
              offsetof(KernelDimension, extent) == offsetof(halide_dimension_t, extent) &&
              offsetof(KernelDimension, stride) == offsetof(halide_dimension_t, stride));

namespace {

constexpr int precisionBits = oriel::data::resizePrecisionBits;

/// A level of x86-64 (System V psABI).
struct Level {
  std::vector<Target::Feature> features;
  /// 32-bit lanes of a vector.
  int lanes;
};

const std::map<std::string, Level> levels = {
    {"x86-64", {{}, 4}},
    {"x86-64-v3", {{Target::SSE41, Target::AVX, Target::AVX2, Target::F16C, Target::FMA}, 8}},
    {"x86-64-v4",
     {{Target::SSE41, Target::AVX, Target::AVX2, Target::F16C, Target::FMA, Target::AVX512,
       Target::AVX512_Skylake},
      16}},
};

/// A function of the object, with its arguments in order; the output comes last.
struct Kernel {
  Func output;
  std::vector<ImageParam> parameters;
};

/// Sums of taps to bytes, as clip8 in python-pillow/Pillow:src/libImaging/Resample.c.
Expr roundToByte(const Expr &sum) { return saturating_cast<uint8_t>(sum >> precisionBits); }

const Expr half = 1 << (precisionBits - 1);

/// The first of the rows or columns that make one of the output: the caller sees to it that all
/// taps are within the input.
Expr tapBegin(const ImageParam &input, const Expr &begin, const RDom &taps) {
  return unsafe_promise_clamped(begin, 0, input.dim(1).extent() - taps.x.extent());
}

/// The vertical direction: out(i, y) = byte(half + sum_t in(i, begins(y) + t) * weights(t, y)), of
/// rows of bytes, whatever their pixels are. `tile`: the least bytes of a row.
Kernel resizeRows(const Level &level, int tile) {
  ImageParam input(UInt(8), 2), begins(Int(32), 1), weights(Int(32), 2);
  Var i("i"), y("y"), outer("outer");
  RDom t(0, weights.dim(0).extent(), "t");

  // The algorithm.
  Func sum("sum"), output("output");
  sum(i, y) = half;
  sum(i, y) += cast<int32_t>(input(i, tapBegin(input, begins(y), t) + t)) * weights(t, y);
  output(i, y) = roundToByte(sum(i, y));

  // Schedule: the sums of a tile stay in registers through all taps.
  int lanes = std::min(level.lanes, tile);
  output.output_buffer().dim(0).set_min(0);
  output.output_buffer().dim(1).set_min(0);
  output.split(i, outer, i, tile, TailStrategy::ShiftInwards).vectorize(i);
  sum.compute_at(output, outer).bound_extent(i, tile).vectorize(i, lanes).unroll(i);
  sum.update().vectorize(i, lanes).unroll(i).reorder(i, t);
  return {output, {input, begins, weights}};
}

/// The horizontal direction, of eight rows at once: out(l, x) = byte(half + sum_t in(l, begins(x) +
/// t) * weights(t, x)), with 32 bytes l = 4 * row + channel for each column.
Kernel resizeColumns(const Level &level) {
  constexpr int blockBytes = oriel::data::columnBlockBytes;
  ImageParam input(UInt(8), 2), begins(Int(32), 1), weights(Int(32), 2);
  Var l("l"), x("x");
  RDom t(0, weights.dim(0).extent(), "t");

  // The algorithm.
  Func sum("sum"), output("output");
  sum(l, x) = half;
  sum(l, x) += cast<int32_t>(input(l, tapBegin(input, begins(x), t) + t)) * weights(t, x);
  output(l, x) = roundToByte(sum(l, x));

  // Schedule: a column's sums stay in registers through all taps.
  input.dim(0).set_bounds(0, blockBytes);
  input.dim(1).set_stride(blockBytes);
  output.output_buffer().dim(0).set_bounds(0, blockBytes);
  output.output_buffer().dim(1).set_min(0).set_stride(blockBytes);
  output.vectorize(l, blockBytes);
  sum.compute_at(output, x).bound_extent(l, blockBytes).vectorize(l, level.lanes).unroll(l);
  sum.update().vectorize(l, level.lanes).unroll(l).reorder(l, t);
  return {output, {input, begins, weights}};
}

/// From bytes to a model's values: out(i, c) = (in(3 * i + c) / 255 - mean(c)) / deviation(c), each
/// operation rounded by itself, as torchvision's to_tensor and normalize do.
Kernel normalize(const Level &level) {
  ImageParam input(UInt(8), 1), means(Float(32), 1), deviations(Float(32), 1);
  Var i("i"), c("c"), outer("outer");

  // The algorithm.
  Func output("output");
  Expr value = strict_float(cast<float>(input(3 * i + c)) / 255.0f);
  output(i, c) = strict_float(strict_float(value - means(c)) / deviations(c));

  // Schedule.
  output.output_buffer().dim(0).set_min(0);
  output.output_buffer().dim(1).set_bounds(0, 3);
  output.vectorize(i, 2 * level.lanes, TailStrategy::GuardWithIf);
  output.reorder(c, i).unroll(c);
  return {output, {input, means, deviations}};
}

Target targetOf(const Level &level) {
  std::vector<Target::Feature> features = {Target::NoRuntime, Target::LargeBuffers,
                                           Target::NoAsserts, Target::NoBoundsQuery};
  features.insert(features.end(), level.features.begin(), level.features.end());
  return {Target::Linux, Target::X86, 64, features};
}

/// "x86-64-v3" as a part of a C name.
std::string identifier(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

void writeObject(const std::string &name, const std::string &path) {
  const Level &level = levels.at(name);
  Target target = targetOf(level);
  Module module("preprocessing_" + identifier(name), target);
  const std::pair<const char *, Kernel> kernels[] = {
      {"oriel_resize_rows_", resizeRows(level, oriel::data::rowTileBytes)},
      {"oriel_resize_narrow_rows_", resizeRows(level, 1)},
      {"oriel_resize_columns_", resizeColumns(level)},
      {"oriel_normalize_", normalize(level)},
  };
  for (const auto &[prefix, kernel] : kernels) {
    std::vector<Argument> arguments(kernel.parameters.begin(), kernel.parameters.end());
    module.append(
        Pipeline(kernel.output)
            .compile_to_module(arguments, prefix + identifier(name), target, LinkageType::External)
            .functions()
            .back());
  }
  module.compile({{OutputFileType::object, path}});
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3 || levels.count(argv[1]) == 0) {
    fprintf(stderr, "usage: preprocessing-kernels x86-64|x86-64-v3|x86-64-v4 OBJECT\n");
    return 2;
  }
  try {
    writeObject(argv[1], argv[2]);
  } catch (const Error &error) {
    fprintf(stderr, "preprocessing-kernels: %s\n", error.what());
    return 1;
  }
  return 0;
}
