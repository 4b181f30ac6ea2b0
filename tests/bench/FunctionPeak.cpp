//===- FunctionPeak.cpp - The rate of the vector functions ----------------===//

#include "tests/bench/FunctionPeak.h"

#include "compiler/Kernels/Define.h"
#include "compiler/Kernels/EmitObject.h"
#include "compiler/Kernels/Exponential.h"
#include "compiler/Kernels/KernelBuilder.h"
#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include <algorithm>
#include <array>

using namespace mlir;
using namespace oriel;
using namespace oriel::bench;
using namespace oriel::test;
using Halide::Func, Halide::Var, Halide::RDom;

static constexpr int lanes = 256, evaluations = 512;

/// The function of `operand`, as the op's definition has it.
static Func defineFunction(VectorFunction function, const Func &operand) {
  if (function == VectorFunction::Exponential) {
    Func result("exponential");
    Var c("c"), step("step");
    result(c, step) = exponential(operand(c, step));
    return result;
  }
  RegionBuilder region;
  Value x = region.activation({lanes});
  Value y = function == VectorFunction::Silu ? region.make<SiluOp>(x) : region.make<GeluOp>(x);
  return define(y.getDefiningOp(), DefinedValue{operand, {1, lanes}}).func;
}

/// out(c) = the sum over steps of function(in(c) + step / 1024), `panels` at once, so that
/// latencies overlap. Of each evaluation, its argument and the sum cost an addition.
static llvm::Expected<CompiledKernel> compileLoop(VectorFunction function, int panels,
                                                  const KernelTarget &target) {
  Halide::ImageParam in(Halide::Float(32), 2, "in");
  Var c("c"), b("b"), step("step"), tile("tile"), lane("lane");
  RDom steps(0, evaluations, "steps");
  Func operand("operand"), sum("sum"), out("out");
  operand(c, step) = in(c, 0) + Halide::cast<float>(step) * (1.0f / 1024);
  Func value = defineFunction(function, operand);
  sum(c, b) = 0.0f;
  sum(c, b) += value(c, steps);
  out(c, b) = sum(c, b);
  out.split(c, tile, lane, panels * panelLanes).vectorize(lane, panelLanes).unroll(lane);
  sum.compute_at(out, tile).store_in(Halide::MemoryType::Register);
  sum.vectorize(c, panelLanes).unroll(c);
  sum.update().reorder(c, steps).vectorize(c, panelLanes).unroll(c);
  Halide::OutputImageParam result = out.output_buffer();
  for (int dimension : {0, 1}) {
    in.dim(dimension).set_bounds(0, dimension == 0 ? lanes : 1);
    result.dim(dimension).set_bounds(0, dimension == 0 ? lanes : 1);
  }
  return emitObject({out}, {in}, "loop", target);
}

/// Evaluations a second of a loop: of many runs the tenth percentile, because the processor time of
/// a virtual machine at times comes out too small.
static llvm::Expected<double> measureLoop(VectorFunction function, int panels,
                                          const KernelTarget &target) {
  auto compiled = compileLoop(function, panels, target);
  if (!compiled) {
    return compiled.takeError();
  }
  auto kernel = LoadedKernel::load(std::move(*compiled), "loop");
  if (!kernel) {
    return kernel.takeError();
  }
  BufferLayout layout = BufferLayout::inArena({1, lanes});
  KernelBuffer in(layout, 1), out(layout, 1);
  in.store(makeRandomTensor({1, lanes}, 1, -4, 4));
  std::array<double, 200> seconds;
  for (double &time : seconds) {
    if (std::string error = (*kernel)->run({&in, &out}, 1); !error.empty()) {
      return llvm::createStringError(error);
    }
    time = (*kernel)->getSeconds();
  }
  auto *tenth = seconds.begin() + seconds.size() / 10;
  std::nth_element(seconds.begin(), tenth, seconds.end());
  return lanes * evaluations / *tenth;
}

llvm::Expected<double> bench::measureFunction(VectorFunction function, const KernelTarget &target) {
  double best = 0;
  for (int panels : {1, 2}) {
    auto rate = measureLoop(function, panels, target);
    if (!rate) {
      return rate.takeError();
    }
    best = std::max(best, *rate);
  }
  return best;
}
