//===- Comparison.cpp - A module against the interpreter, launch by launch ===//

#include "tools/oriel-compare/Comparison.h"

#include <cmath>

using namespace oriel;

Activations oriel::makeActivations(const LaunchProgram &program, const RunInput &input) {
  Activations activations;
  for (auto [buffer, value] : llvm::zip_equal(program.getInputs(), input.inputs)) {
    activations.define(buffer, value);
  }
  return activations;
}

void oriel::storeResults(Activations &activations, const ProgramLaunch &launch,
                         std::vector<Tensor> values) {
  for (auto [buffer, value] : llvm::zip_equal(exec::LaunchOp(launch.op).getOutputs(), values)) {
    activations.define(buffer, std::move(value));
  }
  activations.finish(launch);
}

ComparisonRow oriel::makeRow(const LaunchProgram &program, int32_t index, size_t store,
                             const Tensor &value, Difference difference, int64_t firstItem) {
  const ProgramLaunch &launch = program.getLaunches()[index];
  ComparisonRow row;
  row.launch = index;
  row.layer = launch.layer;
  row.kernel = exec::LaunchOp(launch.op).getKernel().str();
  row.shape = value.shape;
  row.difference = difference;
  row.position = describePosition(value, difference.worst, firstItem);
  row.storedLayer = launch.storedLayers[store];
  return row;
}

void oriel::compareWithInterpreter(const CompiledCase &compiled, ModuleRun &run,
                                   const RunInput &input, const RowListener &listen) {
  const LaunchProgram &program = *compiled.program;
  // What the module has stored, and what the interpreter alone has computed.
  Activations stored = makeActivations(program, input), alone = stored;
  bool goesOn = true;
  run.run(input.inputs, [&](int32_t index, std::vector<Tensor> values) {
    if (!goesOn) {
      return;
    }
    const ProgramLaunch &launch = program.getLaunches()[index];
    std::vector<BoundedTensor> expected = unwrap(program.interpretWithBounds(launch, stored));
    std::vector<Tensor> aloneValues = unwrap(program.interpret(launch, alone));
    for (size_t i = 0; i < values.size() && goesOn; ++i) {
      Difference difference = measureDifference(values[i], expected[i].value, expected[i].bound);
      ComparisonRow row = makeRow(program, index, i, values[i], difference, input.firstItem);
      row.drift = relativeDistance(values[i], aloneValues[i]);
      goesOn = listen(row, stored);
    }
    storeResults(stored, launch, std::move(values));
    storeResults(alone, launch, std::move(aloneValues));
  });
}

/// |a - b| <= |a - A| + |A - B| + |B - b|, with A and B what the interpreter computes from what a
/// and b are computed from.
static Tensor boundDistance(const BoundedTensor &a, const BoundedTensor &b) {
  Tensor bound = a.bound;
  for (size_t i = 0; i < bound.values.size(); ++i) {
    bound.values[i] += std::fabs(a.value.values[i] - b.value.values[i]) + b.bound.values[i];
  }
  return bound;
}

void oriel::compareTargets(const CompiledCase &compiled, const TargetRun &base,
                           const TargetRun &other, const RunInput &input,
                           const RowListener &listen) {
  const LaunchProgram &program = *compiled.program;
  std::vector<std::vector<Tensor>> all(program.getLaunches().size());
  base.run->run(input.inputs,
                [&](int32_t index, std::vector<Tensor> values) { all[index] = std::move(values); });
  Activations ofBase = makeActivations(program, input), ofOther = ofBase;
  bool goesOn = true;
  other.run->run(input.inputs, [&](int32_t index, std::vector<Tensor> values) {
    if (!goesOn) {
      return;
    }
    const ProgramLaunch &launch = program.getLaunches()[index];
    std::vector<Tensor> baseValues = std::move(all[index]);
    auto expectedOfBase = unwrap(program.interpretWithBounds(launch, ofBase));
    auto expectedOfOther = unwrap(program.interpretWithBounds(launch, ofOther));
    for (size_t i = 0; i < values.size() && goesOn; ++i) {
      const BoundedTensor &wantedOfBase = expectedOfBase[i], &wantedOfOther = expectedOfOther[i];
      Difference difference =
          measureDifference(values[i], baseValues[i], boundDistance(wantedOfBase, wantedOfOther));
      ComparisonRow row = makeRow(program, index, i, values[i], difference, input.firstItem);
      if (difference.verdict == Verdict::Bad) {
        auto isBad = [](const Tensor &actual, const BoundedTensor &wanted) {
          return measureDifference(actual, wanted.value, wanted.bound).verdict == Verdict::Bad;
        };
        bool baseIsBad = isBad(baseValues[i], wantedOfBase);
        bool otherIsBad = isBad(values[i], wantedOfOther);
        row.remark = baseIsBad && otherIsBad ? "both are not what the interpreter gives"
                     : baseIsBad             ? base.target + " is not what the interpreter gives"
                     : otherIsBad            ? other.target + " is not what the interpreter gives"
                                             : "";
      }
      goesOn = listen(row, ofOther);
    }
    storeResults(ofBase, launch, std::move(baseValues));
    storeResults(ofOther, launch, std::move(values));
  });
}
