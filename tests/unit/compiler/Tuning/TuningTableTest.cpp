#include "compiler/Tuning/TuningTable.h"

#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace mlir;
using namespace oriel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(TuningTable, ReadsWhatItWrites) {
  TuningTable table;
  table.set("znver3", "abc", {"gemm 1x4x16 -> 1x4x16", "x86-64-v3", {{"tile_rows", 6}}, 0.875});
  table.set("znver3", "def", {"conv", "x86-64-v3", {}, 1});
  table.set("sapphirerapids", "abc", {"gemm", "x86-64-v4", {{"depth", 64}}, 0.5});
  auto read = TuningTable::parse(table.print());
  ASSERT_TRUE(static_cast<bool>(read)) << toString(read.takeError());
  EXPECT_EQ(read->print(), table.print());
  EXPECT_THAT(read->getCpus(), ElementsAre("sapphirerapids", "znver3"));
  const TuningEntry *entry = read->lookup("znver3", "abc");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->kernel, "gemm 1x4x16 -> 1x4x16");
  EXPECT_EQ(entry->target, "x86-64-v3");
  EXPECT_EQ(entry->parameters, (std::map<std::string, int64_t>{{"tile_rows", 6}}));
  EXPECT_EQ(entry->relativeTime, 0.875);
  EXPECT_EQ(read->lookup("znver3", "xyz"), nullptr);
  EXPECT_EQ(read->lookup("znver4", "abc"), nullptr);
}

TEST(TuningTable, RefusesInOneLineWhatIsNoTable) {
  for (const char *text : {"", "nonsense", "[]", "{}", R"({"version": 1})",
                           R"({"version": 1, "cpus": {"znver3": {"abc": 7}}})",
                           R"({"version": 1, "cpus": {"znver3": {"abc": {"kernel": "k"}}}})"}) {
    auto table = TuningTable::parse(text);
    ASSERT_FALSE(static_cast<bool>(table)) << text;
    EXPECT_THAT(toString(table.takeError()), Not(HasSubstr("\n"))) << text;
  }
  auto newer = TuningTable::parse(R"({"version": 2, "cpus": {}})");
  EXPECT_THAT(toString(newer.takeError()), HasSubstr("version 2"));
}

std::string keyOf(StringRef name, StringRef channels, const KernelTarget &target) {
  DialectRegistry registry;
  registry.insert<OrielDialect, exec::ExecDialect>();
  MLIRContext context(registry);
  std::string tensor = ("tensor<1x" + channels + "xf32>").str();
  std::string buffer = "!exec.buffer<" + tensor + ", external>";
  auto module = parseSourceString<ModuleOp>(
      ("exec.kernel @" + name + R"( family "elementwise" inputs [)" + buffer + "] outputs [" +
       buffer + "] { %0 = exec.operand 0 : " + tensor + " %1 = oriel.kernel (%x = %0 : " + tensor +
       ") -> " + tensor + " { %y = oriel.silu %x : (" + tensor + ") -> " + tensor + R"( loc(")" +
       name + R"(") oriel.yield %y : )" + tensor + " } }")
          .str(),
      &context);
  EXPECT_TRUE(module);
  return makePlanKey(*module->getOps<exec::KernelOp>().begin(), target);
}

TEST(PlanKey, IsOfStructureAndTargetAlone) {
  KernelTarget v3 = *KernelTarget::get("x86-64-v3"), v4 = *KernelTarget::get("x86-64-v4");
  std::string key = keyOf("first", "16", v3);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, keyOf("second", "16", v3));
  EXPECT_NE(key, keyOf("first", "32", v3));
  EXPECT_NE(key, keyOf("first", "16", v4));
}

} // namespace
