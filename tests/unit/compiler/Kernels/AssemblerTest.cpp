//===- AssemblerTest.cpp - Assembly to object -----------------------------===//

#include "compiler/Kernels/Assembler.h"

#include "compiler/Report/Disassembly.h"

#include "gtest/gtest.h"

using namespace oriel;

TEST(Assembler, MakesAnObjectWithTheInstructions) {
  auto object = assemble("\t.text\n\t.globl\tf\n\t.type\tf,@function\nf:\n\tprefetcht0\t64(%rdi)\n"
                         "\tvaddps\t%zmm1, %zmm2, %zmm3\n\tretq\n\t.size\tf, .-f\n");
  ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
  auto functions = disassemble(*object);
  ASSERT_TRUE(bool(functions)) << llvm::toString(functions.takeError());
  ASSERT_EQ(functions->size(), 1u);
  EXPECT_EQ(functions->front().name, "f");
  ASSERT_EQ(functions->front().instructions.size(), 3u);
  EXPECT_EQ(functions->front().instructions[0].text, "\tprefetcht0\tbyte ptr [rdi + 64]");
  EXPECT_EQ(functions->front().instructions[1].text, "\tvaddps\tzmm3, zmm2, zmm1");
}

TEST(Assembler, SaysWhatItDoesNotUnderstand) {
  auto object = assemble("\tnonsense\t%rax\n\talso wrong\n");
  ASSERT_FALSE(bool(object));
  EXPECT_EQ(llvm::toString(object.takeError()),
            "assembler: invalid instruction mnemonic 'nonsense'");
}
