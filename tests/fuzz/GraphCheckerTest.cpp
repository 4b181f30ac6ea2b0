//===- GraphCheckerTest.cpp - The net finds what it is made for -----------===//
//
// Errors are put into passes and kernels on purpose: each must be found and named, and what the
// shrinker leaves of a random graph must be little more than the op at fault.
//
//===----------------------------------------------------------------------===//

#include "tests/fuzz/GraphChecker.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"
#include "tests/fuzz/GraphGenerator.h"
#include "tests/fuzz/GraphShrinker.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

#include <csignal>

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;
using testing::HasSubstr;

namespace {

/// Rolls by one pixel too many.
void shiftRolls(Operation *root) {
  root->walk([](RollOp op) { op.setShift({op.getShift()[0] + 1, op.getShift()[1]}); });
}

/// A pass with an error.
struct WrongPass : PassWrapper<WrongPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(WrongPass)
  StringRef getArgument() const override { return "wrong-pass"; }
  void runOnOperation() override { shiftRolls(getOperation()); }
};

class GraphCheckerTest : public testing::Test {
protected:
  GraphCheckerTest() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
    graph = parseSourceString<ModuleOp>(R"mlir(
      func.func @main(%x: tensor<2x4x3x5xf32>) -> (tensor<2x4x3x7xf32>, tensor<2x4x3x5xf32>) {
        %r = oriel.roll %x {shift = array<i64: 1, 0>} : (tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
        %w = oriel.param "weight" : tensor<7x5xf32>
        %l = oriel.linear %r, %w : (tensor<2x4x3x5xf32>, tensor<7x5xf32>) -> tensor<2x4x3x7xf32>
        %y = oriel.gelu %l : (tensor<2x4x3x7xf32>) -> tensor<2x4x3x7xf32>
        return %y, %r : tensor<2x4x3x7xf32>, tensor<2x4x3x5xf32>
      })mlir",
                                        &context);
    options = makeCheckOptions();
    options.variants.resize(1);
  }

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  /// Compiles what `change` makes of the module.
  void compileChanged(std::function<void(ModuleOp)> change) {
    options.compile = [change = std::move(change), compile = options.compile](
                          const CompileOptions &compileOptions, ModuleOp module,
                          const ParameterSource &parameters) {
      change(module);
      return compile(compileOptions, module, parameters);
    };
  }

  void expectDifference(StringRef stage, StringRef text) {
    Verdict verdict = checkGraphApart(*graph, options);
    EXPECT_EQ(verdict.kind, Verdict::Kind::Different);
    EXPECT_EQ(verdict.stage, stage);
    EXPECT_THAT(verdict.text, HasSubstr(text.str()));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> graph;
  CheckOptions options;
};

} // namespace

TEST_F(GraphCheckerTest, ARightGraphIsTheSameInEveryVariant) {
  options = makeCheckOptions();
  EXPECT_GE(options.variants.size(), 2u);
  Verdict verdict = checkGraphApart(*graph, options);
  EXPECT_EQ(verdict.kind, Verdict::Kind::Same) << verdict.stage << ": " << verdict.text;
}

TEST_F(GraphCheckerTest, AWrongPassIsFoundAndShrunkToTheOp) {
  options.passes = [] {
    auto passes = createFusionPasses();
    passes.insert(passes.begin() + 1, std::make_unique<WrongPass>());
    return passes;
  };
  options.variants.clear();
  expectDifference("pass wrong-pass", "result 0");
  auto stillFails = [&](ModuleOp module) {
    Verdict verdict = checkGraphApart(module, options);
    return verdict.kind == Verdict::Kind::Different && verdict.stage == "pass wrong-pass";
  };
  OwningOpRef<ModuleOp> sliced = sliceGraph(*graph, stillFails);
  EXPECT_EQ(countOps(*sliced), 1);
}

TEST_F(GraphCheckerTest, AWrongModuleIsFoundInARandomGraphAndShrunk) {
  // As a kernel would be that forgets the bias.
  compileChanged([](ModuleOp module) {
    module.walk([](LinearOp op) {
      if (op.getBias()) {
        op->eraseOperand(2);
      }
    });
  });
  auto stillFails = [&](ModuleOp module) {
    Verdict verdict = checkGraphApart(module, options);
    return verdict.kind == Verdict::Kind::Different && verdict.stage == "running x86-64-v3";
  };
  for (uint64_t seed = 0;; ++seed) {
    ASSERT_LT(seed, 100u) << "no graph finds it";
    Choices choices(seed);
    OwningOpRef<ModuleOp> random = generateGraph(context, choices);
    bool hasLinear =
        random->walk([](LinearOp) { return WalkResult::interrupt(); }).wasInterrupted();
    if (hasLinear && countOps(*random) >= 4 && stillFails(*random)) {
      OwningOpRef<ModuleOp> sliced = sliceGraph(*random, stillFails);
      EXPECT_EQ(countOps(*sliced), 1);
      return;
    }
  }
}

TEST_F(GraphCheckerTest, ACompilerThatFailsCrashesOrWritesNoModuleIsNamed) {
  options.compile = [](const CompileOptions &, ModuleOp, const ParameterSource &) {
    return llvm::createStringError("op1: no kernel");
  };
  expectDifference("compiling for x86-64-v3", "op1: no kernel");
  options.compile = [](const CompileOptions &, ModuleOp, const ParameterSource &) -> llvm::Error {
    raise(SIGKILL);
    return llvm::Error::success();
  };
  expectDifference("compiling for x86-64-v3", "ended by a signal");
  options.compile = [](const CompileOptions &, ModuleOp, const ParameterSource &) {
    return llvm::Error::success();
  };
  expectDifference("running x86-64-v3", "cannot");
}

TEST_F(GraphCheckerTest, AGraphWhoseBoundsSayNothingIsVague) {
  // The softmax of scores of a million is as good as random in float32.
  graph = parseSourceString<ModuleOp>(R"mlir(
    func.func @main(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
      %a = oriel.scale %x {factor = 1.0e7 : f64} : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
      %b = oriel.softmax %a : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
      return %b : tensor<1x4x8xf32>
    })mlir",
                                      &context);
  EXPECT_EQ(checkGraphApart(*graph, options).kind, Verdict::Kind::Vague);
}
