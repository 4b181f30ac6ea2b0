//===- Disassembly.h - A kernel's machine code, with its loops ------------===//
#ifndef ORIEL_COMPILER_REPORT_DISASSEMBLY_H
#define ORIEL_COMPILER_REPORT_DISASSEMBLY_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oriel {

/// One instruction of x86-64, in Intel's syntax.
struct MachineInstruction {
  uint64_t address;
  /// Mnemonic and operands, separated as the printer does; calls name what they call.
  std::string text;
  /// Index of the instruction of the same function that a jump goes to.
  std::optional<size_t> target;
  /// Whether it stores a register to, or loads one from, a fixed place of the stack.
  bool spills = false, reloads = false;
  /// Whether it computes on vectors of floats.
  bool isVectorArithmetic = false;
  /// Of these, whether it is a multiply-add.
  bool isMultiplyAdd = false;
};

/// Instructions `first` to `last`, of which the last jumps to the first.
struct MachineLoop {
  size_t first, last;
  /// Loops around it.
  int depth = 0;
  bool isInnermost = true;
};

struct MachineFunction {
  std::string name;
  std::vector<MachineInstruction> instructions;
  std::vector<MachineLoop> loops;
};

/// Where a kernel spends its time, as far as its code shows: of the innermost loops the one with
/// the most vector arithmetic, where each loop around counts eightfold.
struct HotLoop {
  size_t function, loop;
};

/// The functions of a relocatable x86-64 ELF object, in order.
llvm::Expected<std::vector<MachineFunction>> disassemble(llvm::StringRef object);

/// Empty where no loop computes on vectors.
std::optional<HotLoop> findHotLoop(const std::vector<MachineFunction> &functions);

} // namespace oriel

#endif // ORIEL_COMPILER_REPORT_DISASSEMBLY_H
