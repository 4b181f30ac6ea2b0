//===- GraphChecker.cpp - One graph, computed in every way there is -------===//

#include "tests/fuzz/GraphChecker.h"

#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/Interpreter.h"
#include "compiler/Reference/RandomTensors.h"
#include "compiler/Transforms/Passes.h"
#include "frontend/ModuleParameters.h"
#include "frontend/RandomParameters.h"
#include "oriel/runtime.h"
#include "tests/fuzz/ModuleCase.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/xxhash.h"

#include <cmath>
#include <filesystem>
#include <unistd.h>

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

/// Any schedule that the kernel accepts, the same for the same kernel.
static ScheduleParameters drawSchedule(exec::KernelOp kernel, const KernelTarget &target) {
  return {{}, llvm::xxh3_64bits(target.name + kernel.printStructure())};
}

/// With the cost model's schedules and with what a tuning table might say, one of them from the
/// fused module.
static void addVariants(std::vector<Variant> &variants, const std::string &name,
                        const KernelTarget &target, bool firstFromFused) {
  variants.push_back({name, {}, firstFromFused, {}});
  variants.back().options.targets = {target};
  variants.push_back({name + ", drawn schedules", {}, !firstFromFused, {}});
  variants.back().options.targets = {target};
  variants.back().options.schedule = drawSchedule;
}

static CheckOptions makeOptionsOfPipeline() {
  CheckOptions options;
  // From the fused module on also with kernels that the cost model would leave apart, as such
  // graphs are small.
  options.passes = [] { return createFusionPasses({.always = true}); };
  options.compile = [](const CompileOptions &compileOptions, ModuleOp module,
                       const ParameterSource &parameters) {
    return Compiler(compileOptions, {}).run(module, &parameters);
  };
  return options;
}

CheckOptions fuzz::makeCheckOptions() {
  CheckOptions options = makeOptionsOfPipeline();
  addVariants(options.variants, "x86-64-v3", *KernelTarget::get("x86-64-v3"), false);
  if ((oriel_cpu_features() & ORIEL_ISA_X86_64_V4) == ORIEL_ISA_X86_64_V4) {
    addVariants(options.variants, "x86-64-v4", *KernelTarget::get("x86-64-v4"), true);
  } else {
    addVariants(options.variants, "x86-64-v4's schedules in AVX2",
                KernelTarget::avx512SchedulesInAvx2(), true);
  }
  return options;
}

CheckOptions fuzz::makeWriteOptions(const KernelTarget &target) {
  CheckOptions options = makeOptionsOfPipeline();
  addVariants(options.variants, target.name, target, false);
  return options;
}

static func::FuncOp getMain(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("main"); }

namespace {

class Checker {
public:
  Checker(ModuleOp graph, const CheckOptions &options, function_ref<void(StringRef)> onStage)
      : graph(graph), options(options), onStage(onStage),
        parameters(/*seed=*/1, collectParameters(graph)), diagnostics(graph.getContext()) {}

  Verdict run();

private:
  void enter(const Twine &name);
  bool differ(const Twine &text);
  bool evaluateGraph();
  bool isVague() const;
  bool checkPasses(ModuleOp module);
  bool checkPass(ModuleOp module, std::unique_ptr<Pass> pass);
  bool checkText(ModuleOp module);
  bool checkVariant(const Variant &variant, ModuleOp module);

  ModuleOp graph;
  const CheckOptions &options;
  function_ref<void(StringRef)> onStage;
  RandomParameters parameters;
  DiagnosticCollector diagnostics;
  std::vector<Tensor> inputs;
  /// Of the module as it is: results and their bounds.
  std::vector<BoundedTensor> expected;
  Verdict verdict;
};

} // namespace

void Checker::enter(const Twine &name) {
  verdict.stage = name.str();
  onStage(verdict.stage);
}

/// False, for the caller to return.
bool Checker::differ(const Twine &text) {
  verdict.kind = Verdict::Kind::Different;
  verdict.text = text.str();
  return false;
}

//===----------------------------------------------------------------------===//
// The graph and the passes
//===----------------------------------------------------------------------===//

bool Checker::evaluateGraph() {
  enter("interpreter");
  if (failed(verify(graph))) {
    return differ(toString(diagnostics.takeError("the graph does not verify")));
  }
  for (auto [index, type] : llvm::enumerate(getMain(graph).getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    bool isPixels = tensor.getElementType().isInteger(8);
    inputs.push_back(isPixels ? makeRandomPixels(tensor.getShape(), 100 + index)
                              : makeRandomTensor(tensor.getShape(), 100 + index));
  }
  auto results = interpretWithBounds(getMain(graph), inputs, parameters);
  if (failed(results)) {
    return differ(toString(diagnostics.takeError("the interpreter fails")));
  }
  expected = std::move(*results);
  return true;
}

/// Whether the bounds of a result are of its own order, or not finite.
bool Checker::isVague() const {
  return llvm::any_of(expected, [](const BoundedTensor &result) {
    double values = 0, bounds = 0;
    for (auto [value, bound] : llvm::zip_equal(result.value.values, result.bound.values)) {
      values += double(value) * value;
      bounds += double(bound) * bound;
    }
    return !(bounds <= values / (32.0 * 32.0)) || !std::isfinite(values);
  });
}

bool Checker::checkPass(ModuleOp module, std::unique_ptr<Pass> pass) {
  std::string flag = pass->getArgument().str();
  enter("pass " + flag);
  std::string before = printModule(module);
  PassManager manager(module.getContext(), ModuleOp::getOperationName(),
                      PassManager::Nesting::Implicit);
  manager.addPass(std::move(pass));
  if (failed(manager.run(module)) || failed(verify(module))) {
    return differ(toString(diagnostics.takeError("the pass fails")));
  }
  if (printModule(module) == before) {
    return true;
  }
  auto results = interpret(getMain(module), inputs, parameters);
  if (failed(results)) {
    return differ(toString(diagnostics.takeError("the interpreter fails")));
  }
  if (!changesRounding(flag)) {
    for (auto [index, want] : llvm::enumerate(expected)) {
      const Tensor &result = (*results)[index];
      if (result.values != want.value.values) {
        std::string worst = describeMismatch(result, want);
        return differ("result " + Twine(index) + ": " +
                      (worst.empty() ? "a bit is another" : worst));
      }
    }
    return true;
  }
  // Both are within their bounds of the exact results, which are the same.
  auto bounded = interpretWithBounds(getMain(module), inputs, parameters);
  if (failed(bounded)) {
    return differ(toString(diagnostics.takeError("the interpreter fails")));
  }
  for (auto [index, want] : llvm::enumerate(expected)) {
    const BoundedTensor &after = (*bounded)[index];
    for (auto [bound, other] : llvm::zip_equal(want.bound.values, after.bound.values)) {
      bound += other;
    }
    if (std::string worst = describeMismatch(after.value, want); !worst.empty()) {
      return differ("result " + Twine(index) + ": " + worst);
    }
  }
  expected = std::move(*bounded);
  return true;
}

bool Checker::checkPasses(ModuleOp module) {
  return llvm::all_of(options.passes(), [&](std::unique_ptr<Pass> &pass) {
    return checkPass(module, std::move(pass));
  });
}

/// Dumps can be read again and are the same then.
bool Checker::checkText(ModuleOp module) {
  enter("text");
  std::string text = printModule(module);
  auto again = parseSourceString<ModuleOp>(text, module.getContext());
  if (!again) {
    return differ(toString(diagnostics.takeError("the text does not parse")));
  }
  return printModule(*again) == text || differ("the text is another one after it is read");
}

//===----------------------------------------------------------------------===//
// Compiled modules
//===----------------------------------------------------------------------===//

bool Checker::checkVariant(const Variant &variant, ModuleOp module) {
  enter("compiling for " + variant.name);
  CompileOptions compileOptions = variant.options;
  std::string shortLived =
      std::filesystem::temp_directory_path() / ("oriel-fuzz-" + std::to_string(getpid()));
  compileOptions.output = (variant.writeTo.empty() ? shortLived : variant.writeTo) + ".so";
  OwningOpRef<ModuleOp> copy(module.clone());
  if (llvm::Error failure = options.compile(compileOptions, *copy, parameters)) {
    return differ(toString(std::move(failure)));
  }
  ModuleCase test{static_cast<int32_t>(inputs.front().shape[0]), inputs, expected};
  if (!variant.writeTo.empty()) {
    return writeCase(variant.writeTo + ".case", test) ||
           differ("cannot write " + variant.writeTo + ".case");
  }
  enter("running " + variant.name);
  auto loaded = LoadedModule::load(compileOptions.output);
  std::filesystem::remove(compileOptions.output);
  if (!loaded) {
    return differ(toString(loaded.takeError()));
  }
  return llvm::all_of(getBatches(test), [&](int32_t batch) {
    std::string mismatch = findMismatch(*loaded, withBatch(test, batch));
    return mismatch.empty() || differ(mismatch);
  });
}

Verdict Checker::run() {
  if (!evaluateGraph()) {
    return verdict;
  }
  if (isVague()) {
    verdict.kind = Verdict::Kind::Vague;
    return verdict;
  }
  OwningOpRef<ModuleOp> fused(graph.clone());
  bool same = checkPasses(*fused) && checkText(*fused);
  for (const Variant &variant : options.variants) {
    same = same && checkVariant(variant, variant.fromFused ? *fused : graph);
  }
  return verdict;
}

Verdict fuzz::checkGraph(ModuleOp graph, const CheckOptions &options,
                         function_ref<void(StringRef)> onStage) {
  return Checker(graph, options, onStage).run();
}
