//===- DisassemblyTest.cpp - Loops and spills in machine code -------------===//

#include "compiler/Report/Disassembly.h"

#include "compiler/Target/ObjectEmitter.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace oriel;

namespace {

/// sum[i] += a[j] * a[j] for `registers` vectors i of eight floats, in a loop within a loop; @tick
/// is called between the two.
std::string makeLoops(int registers) {
  std::string text = R"(
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare void @tick()
define void @sums(ptr %a, ptr %out, i64 %rows, i64 %columns) {
entry:
  br label %row
row:
  %r = phi i64 [0, %entry], [%r.next, %row.end]
  call void @tick()
  br label %column
column:
  %c = phi i64 [0, %row], [%c.next, %column]
)";
  std::string products, stores;
  for (int i = 0; i < registers; ++i) {
    std::string n = std::to_string(i);
    text += "  %s" + n + " = phi <8 x float> [zeroinitializer, %row], [%t" + n + ", %column]\n";
    products += "  %p" + n + " = getelementptr [4096 x float], ptr %a, i64 %c, i64 " +
                std::to_string(64 * i) + "\n  %v" + n + " = load <8 x float>, ptr %p" + n +
                "\n  %t" + n + " = call <8 x float> @llvm.fma.v8f32(<8 x float> %v" + n +
                ", <8 x float> %v" + n + ", <8 x float> %s" + n + ")\n";
    stores += "  %q" + n + " = getelementptr [4096 x float], ptr %out, i64 %r, i64 " +
              std::to_string(8 * i) + "\n  store <8 x float> %t" + n + ", ptr %q" + n + "\n";
  }
  return text + products + R"(
  %c.next = add i64 %c, 1
  %c.done = icmp eq i64 %c.next, %columns
  br i1 %c.done, label %row.end, label %column
row.end:
)" + stores +
         R"(
  %r.next = add i64 %r, 1
  %r.done = icmp eq i64 %r.next, %rows
  br i1 %r.done, label %end, label %row
end:
  ret void
}
)";
}

std::string compile(const std::string &text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, diagnostic, context);
  EXPECT_NE(module, nullptr) << diagnostic.getMessage().str();
  return llvm::cantFail(emitObject(*module, {"x86-64-v3", ""}));
}

std::vector<MachineFunction> disassembleText(const std::string &text) {
  auto functions = disassemble(compile(text));
  EXPECT_TRUE(static_cast<bool>(functions)) << toString(functions.takeError());
  return functions ? *functions : std::vector<MachineFunction>();
}

llvm::ArrayRef<MachineInstruction> getBody(const std::vector<MachineFunction> &functions,
                                           HotLoop hot) {
  const MachineFunction &function = functions[hot.function];
  const MachineLoop &loop = function.loops[hot.loop];
  return llvm::ArrayRef(function.instructions).slice(loop.first, loop.last - loop.first + 1);
}

} // namespace

TEST(Disassembly, FindsTheInnerLoopOfTheArithmetic) {
  auto functions = disassembleText(makeLoops(4));
  ASSERT_EQ(functions.size(), 1u);
  EXPECT_EQ(functions[0].name, "sums");
  ASSERT_GE(functions[0].loops.size(), 2u);
  auto hot = findHotLoop(functions);
  ASSERT_TRUE(hot.has_value());
  EXPECT_GE(functions[0].loops[hot->loop].depth, 1);
  EXPECT_TRUE(functions[0].loops[hot->loop].isInnermost);
  auto products = llvm::count_if(getBody(functions, *hot),
                                 [](const MachineInstruction &each) { return each.isMultiplyAdd; });
  // The compiler may unroll it.
  EXPECT_GT(products, 0);
  EXPECT_EQ(products % 4, 0);
}

TEST(Disassembly, NamesWhatIsCalled) {
  auto functions = disassembleText(makeLoops(1));
  EXPECT_TRUE(llvm::any_of(functions[0].instructions, [](const MachineInstruction &each) {
    return llvm::StringRef(each.text).contains("call") &&
           llvm::StringRef(each.text).contains("# tick");
  }));
}

TEST(Disassembly, ALoopThatFitsTheRegistersDoesNotSpill) {
  auto functions = disassembleText(makeLoops(8));
  auto hot = findHotLoop(functions);
  ASSERT_TRUE(hot.has_value());
  EXPECT_TRUE(llvm::none_of(getBody(functions, *hot), [](const MachineInstruction &each) {
    return each.spills || each.reloads;
  }));
}

TEST(Disassembly, ALoopOfMoreSumsThanRegistersSpills) {
  auto functions = disassembleText(makeLoops(24));
  auto hot = findHotLoop(functions);
  ASSERT_TRUE(hot.has_value());
  auto body = getBody(functions, *hot);
  // Sixteen registers hold at most sixteen of the sums; each other is stored and loaded.
  EXPECT_GE(llvm::count_if(body, [](const MachineInstruction &each) { return each.spills; }), 8);
  EXPECT_GE(llvm::count_if(body, [](const MachineInstruction &each) { return each.reloads; }), 8);
}

TEST(Disassembly, CodeWithoutLoopsHasNoHotOne) {
  auto functions =
      disassembleText("define float @f(float %x) { %r = fadd float %x, %x ret float %r }");
  ASSERT_EQ(functions.size(), 1u);
  EXPECT_TRUE(functions[0].loops.empty());
  EXPECT_FALSE(findHotLoop(functions).has_value());
}

TEST(Disassembly, RefusesWhatIsNoObject) {
  auto functions = disassemble("not an object");
  ASSERT_FALSE(static_cast<bool>(functions));
  llvm::consumeError(functions.takeError());
}
