//===- GraphGeneratorTest.cpp - Random graphs are valid, and of every op --===//

#include "tests/fuzz/GraphGenerator.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Pipeline/IRDump.h"
#include "compiler/Pipeline/Phase.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "gmock/gmock.h"

#include <set>

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

TEST(GraphGeneratorTest, EveryGraphVerifiesAndEveryOpOfPhaseGraphIsDrawn) {
  MLIRContext context;
  std::set<std::string> drawn;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Choices choices(seed);
    OwningOpRef<ModuleOp> graph = generateGraph(context, choices);
    ASSERT_TRUE(succeeded(verify(*graph))) << "seed " << seed;
    graph->walk([&](Operation *op) { drawn.insert(op->getName().getStringRef().str()); });
  }
  // These are what passes make.
  std::set<std::string> made = {"oriel.kernel", "oriel.yield", "oriel.pack", "oriel.prepared",
                                "oriel.store_prepared"};
  for (RegisteredOperationName op : context.getRegisteredOperationsByDialect("oriel")) {
    std::string name = op.getStringRef().str();
    EXPECT_EQ(drawn.count(name) + made.count(name), 1) << name;
  }
}

TEST(GraphGeneratorTest, ASeedGivesOneGraphAndSoDoItsChoices) {
  MLIRContext context;
  Choices first(/*seed=*/3), second(/*seed=*/3);
  std::string text = printModule(*generateGraph(context, first));
  EXPECT_EQ(printModule(*generateGraph(context, second)), text);
  Choices replayed(first.getTaken().numbers);
  EXPECT_EQ(printModule(*generateGraph(context, replayed)), text);
}

TEST(GraphGeneratorTest, AnyNumbersGiveAGraph) {
  MLIRContext context;
  std::mt19937_64 engine(1);
  for (int i = 0; i < 100; ++i) {
    std::vector<uint32_t> numbers(static_cast<size_t>(engine() % 60));
    for (uint32_t &number : numbers) {
      number = static_cast<uint32_t>(engine() % 40);
    }
    Choices choices(numbers);
    OwningOpRef<ModuleOp> graph = generateGraph(context, choices);
    EXPECT_TRUE(succeeded(verify(*graph))) << testing::PrintToString(numbers);
  }
}
