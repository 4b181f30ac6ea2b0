//===- ReferenceComparison.cpp - A module against layers' references ------===//

#include "tools/oriel-compare/ReferenceComparison.h"

#include "compiler/Reference/Interpreter.h"
#include "tools/oriel-compare/RowPermutation.h"

#include <cmath>
#include <map>
#include <random>

using namespace mlir;
using namespace oriel;

/// Moves each element to one end of its bound.
static std::vector<Tensor> disturb(std::vector<BoundedTensor> results, std::mt19937_64 &engine) {
  std::vector<Tensor> values;
  for (BoundedTensor &result : results) {
    for (auto [value, bound] : llvm::zip_equal(result.value.values, result.bound.values)) {
      value += (engine() >> 63) != 0 ? bound : -bound;
    }
    values.push_back(std::move(result.value));
  }
  return values;
}

/// The outputs of the references' layers, by the interpreter.
static std::map<std::string, Tensor> computeOutputs(ModuleOp model,
                                                    const ParameterSource &parameters,
                                                    const RunInput &input,
                                                    const std::vector<LayerReference> &references) {
  std::map<std::string, Tensor> outputs;
  DiagnosticCollector diagnostics(model.getContext());
  auto results = interpret(model.lookupSymbol<func::FuncOp>("main"), input.inputs, parameters,
                           [&](Value value, const Tensor &tensor) {
                             for (const LayerReference &reference : references) {
                               if (reference.output == value) {
                                 outputs[reference.name] = tensor;
                               }
                             }
                           });
  if (failed(results)) {
    check(diagnostics.takeError("the interpreter cannot run the model"));
  }
  return outputs;
}

static double sumOfSquares(const Tensor &tensor) {
  double sum = 0;
  for (float value : tensor.values) {
    sum += double(value) * value;
  }
  return sum;
}

/// Takes what a launch stores for the layer's output where it is that, and nearer than what was
/// found before. Returns whether it does.
static bool matchStored(StoredReference &located, const Tensor &stored) {
  const Tensor &output = located.output;
  if (stored.values.size() != output.values.size()) {
    return false;
  }
  double distance = relativeDistance(stored, output);
  if (distance < sameValueDistance) {
    bool isNearer = distance < located.distance;
    if (isNearer) {
      located.distance = distance;
      located.rows.reset();
    }
    return isNearer;
  }
  double ratio = sumOfSquares(stored) / sumOfSquares(output);
  if (located.launch >= 0 || !(std::fabs(ratio - 1) < 4 * sameValueDistance)) {
    return false;
  }
  located.rows = findRowPermutation(stored, output);
  return located.rows.has_value();
}

static void setLimits(StoredReference &located, const Tensor &disturbed) {
  double squares = 0, largest = 0;
  for (auto [value, moved] : llvm::zip_equal(located.stored.values, disturbed.values)) {
    double error = std::fabs(double(moved) - value);
    squares += error * error;
    // Written so that not a number stays.
    largest = error <= largest ? largest : error;
  }
  auto count = static_cast<double>(located.stored.values.size());
  // So many standard deviations the largest of `count` normal errors stays within.
  double deviations = std::sqrt(2 * std::log(2 * count));
  located.largestLimit = 2 * deviations * largest;
  located.rootMeanSquareLimit = 2 * std::sqrt(squares / count);
}

/// Why a layer's output is not stored.
static std::string explainMissing(const LaunchProgram &program, Value output) {
  StringRef layer = getLayerName(output.getLoc());
  for (const ProgramLaunch &launch : program.getLaunches()) {
    exec::LaunchOp op = launch.op;
    for (auto name : op.getLayers().getAsRange<StringAttr>()) {
      if (name.getValue() == layer) {
        return "kernel " + op.getKernel().str() + " of layer '" + launch.layer +
               "' computes it on the way and does not store it";
      }
    }
  }
  return "the program does not store it";
}

std::vector<StoredReference> oriel::locateReferences(const CompiledCase &compiled, ModuleOp model,
                                                     const ParameterSource &parameters,
                                                     const RunInput &input,
                                                     std::vector<LayerReference> &references) {
  const LaunchProgram &program = *compiled.program;
  std::vector<StoredReference> located(references.size());
  auto outputs = computeOutputs(model, parameters, input, references);
  for (auto [entry, reference] : llvm::zip_equal(located, references)) {
    entry.output = outputs[reference.name];
  }
  std::mt19937_64 engine(/*seed=*/1);
  Activations alone = makeActivations(program, input), disturbed = alone;
  for (auto [index, launch] : llvm::enumerate(program.getLaunches())) {
    std::vector<Tensor> values = unwrap(program.interpret(launch, alone));
    std::vector<Tensor> moved =
        disturb(unwrap(program.interpretWithBounds(launch, disturbed, Rounding::Typical)), engine);
    for (auto [entry, reference] : llvm::zip_equal(located, references)) {
      for (size_t store = 0; reference.output && store < values.size(); ++store) {
        if (matchStored(entry, values[store])) {
          entry.launch = static_cast<int32_t>(index);
          entry.store = store;
          entry.stored = values[store];
          setLimits(entry, moved[store]);
        }
      }
    }
    storeResults(alone, launch, std::move(values));
    storeResults(disturbed, launch, std::move(moved));
  }
  for (auto [entry, reference] : llvm::zip_equal(located, references)) {
    if (reference.output && entry.launch < 0) {
      reference.reason = explainMissing(program, reference.output);
    }
  }
  return located;
}

/// The reference as the program stores it, of the items that both have.
static Tensor toStoredOrder(const LayerReference &reference, const StoredReference &located,
                            int64_t items) {
  Tensor output = *toChannelLast(reference.tensor, located.output, items);
  Tensor like = firstItems(located.stored, items);
  if (!located.rows) {
    return {like.shape, output.values};
  }
  std::vector<int64_t> rows(located.rows->begin(), located.rows->begin() + like.rowCount());
  return permuteRows(output, rows, like);
}

static ComparisonRow compareStored(const LaunchProgram &program, const LayerReference &reference,
                                   const StoredReference &located, const Tensor &value,
                                   int64_t firstItem) {
  int64_t items = std::min(reference.items, value.shape[0]);
  Tensor actual = firstItems(value, items), bound = actual;
  Tensor expected = toStoredOrder(reference, located, items);
  std::fill(bound.values.begin(), bound.values.end(), static_cast<float>(located.largestLimit));
  ComparisonRow row = makeRow(program, located.launch, located.store, actual,
                              measureDifference(actual, expected, bound), firstItem);
  row.layer = reference.name;
  row.drift = relativeDistance(value, located.stored);
  double error = row.difference.relative *
                 std::sqrt(sumOfSquares(expected) / static_cast<double>(expected.values.size()));
  if (row.difference.verdict == Verdict::Good && error > located.rootMeanSquareLimit) {
    row.difference.verdict = Verdict::Bad;
    row.remark = "the root mean square of all errors is beyond its limit";
  }
  return row;
}

void oriel::compareWithReferences(const CompiledCase &compiled, ModuleRun &run,
                                  const RunInput &input,
                                  const std::vector<LayerReference> &references,
                                  const std::vector<StoredReference> &located,
                                  const RowListener &listen) {
  bool goesOn = true;
  std::string lastGood;
  Activations none;
  run.run(input.inputs, [&](int32_t index, const std::vector<Tensor> &values) {
    for (size_t i = 0; i < references.size() && goesOn; ++i) {
      if (located[i].launch != index) {
        continue;
      }
      ComparisonRow row = compareStored(*compiled.program, references[i], located[i],
                                        values[located[i].store], input.firstItem);
      bool isBad = row.difference.verdict == Verdict::Bad;
      if (isBad) {
        row.remark += (row.remark.empty() ? "" : "; ") +
                      (lastGood.empty() ? "no layer before it agrees"
                                        : "the last layer that agrees is '" + lastGood + "'");
      } else {
        lastGood = row.layer;
      }
      goesOn = listen(row, none);
    }
  });
}
