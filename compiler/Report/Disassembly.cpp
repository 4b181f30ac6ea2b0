//===- Disassembly.cpp - A kernel's machine code, with its loops ----------===//

#include "compiler/Report/Disassembly.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>

using namespace llvm;
using namespace oriel;

namespace {

/// LLVM's machine code layer for x86-64 with every extension.
class Decoder {
public:
  Decoder() {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    std::string reason;
    const Target *target = TargetRegistry::lookupTarget(triple, reason);
    registers.reset(target->createMCRegInfo(triple));
    assembly.reset(target->createMCAsmInfo(*registers, triple, MCTargetOptions()));
    // As the decoder needs to know no more than that all of it is allowed.
    subtarget.reset(target->createMCSubtargetInfo(triple, "sapphirerapids", ""));
    instructions.reset(target->createMCInstrInfo());
    analysis.reset(target->createMCInstrAnalysis(instructions.get()));
    context = std::make_unique<MCContext>(triple, assembly.get(), registers.get(), subtarget.get());
    disassembler.reset(target->createMCDisassembler(*subtarget, *context));
    constexpr unsigned intelSyntax = 1;
    printer.reset(
        target->createMCInstPrinter(triple, intelSyntax, *assembly, *instructions, *registers));
    printer->setPrintBranchImmAsAddress(true);
  }

  /// Decodes one instruction; its size in bytes, 0 for none. `destination` is where a jump goes.
  uint64_t decode(ArrayRef<uint8_t> bytes, uint64_t address, std::string &text,
                  std::optional<uint64_t> &destination) {
    MCInst instruction;
    uint64_t size = 0;
    if (disassembler->getInstruction(instruction, size, bytes, address, nulls()) !=
        MCDisassembler::Success) {
      return 0;
    }
    raw_string_ostream out(text);
    printer->printInst(&instruction, address, "", *subtarget, out);
    uint64_t target = 0;
    bool jumps = analysis->isBranch(instruction) && !analysis->isCall(instruction) &&
                 analysis->evaluateBranch(instruction, address, size, target);
    destination = jumps ? std::optional(target) : std::nullopt;
    return size;
  }

private:
  Triple triple{"x86_64-unknown-linux-gnu"};
  std::unique_ptr<MCRegisterInfo> registers;
  std::unique_ptr<MCAsmInfo> assembly;
  std::unique_ptr<MCSubtargetInfo> subtarget;
  std::unique_ptr<MCInstrInfo> instructions;
  std::unique_ptr<MCInstrAnalysis> analysis;
  std::unique_ptr<MCContext> context;
  std::unique_ptr<MCDisassembler> disassembler;
  std::unique_ptr<MCInstPrinter> printer;
};

} // namespace

/// Whether an operand is a fixed place of the stack: [rsp + 64], without an index.
static bool isStackSlot(StringRef operand) {
  size_t open = operand.find('[');
  if (open == StringRef::npos) {
    return false;
  }
  StringRef address = operand.substr(open + 1).split(']').first;
  SmallVector<StringRef> parts;
  address.split(parts, ' ');
  return (parts[0] == "rsp" || parts[0] == "rbp") &&
         (parts.size() == 1 || (parts.size() == 3 && isDigit(parts[2][0])));
}

/// Fills in what the text shows of an instruction.
static void classify(MachineInstruction &instruction) {
  auto [mnemonic, operands] = StringRef(instruction.text).trim().split('\t');
  SmallVector<StringRef> list;
  operands.split(list, ", ");
  instruction.isMultiplyAdd = mnemonic.starts_with("vfmadd") || mnemonic.starts_with("vfnmadd") ||
                              mnemonic.starts_with("vfmsub") || mnemonic.starts_with("vfnmsub");
  auto isPacked = [&](StringRef operation) {
    return mnemonic.consume_front(operation) && mnemonic.starts_with("p");
  };
  StringRef whole = mnemonic;
  instruction.isVectorArithmetic = instruction.isMultiplyAdd && whole.contains("p");
  for (StringRef operation : {"vadd", "vmul", "vsub", "vdiv", "vmax", "vmin", "vsqrt"}) {
    mnemonic = whole;
    instruction.isVectorArithmetic |= isPacked(operation);
  }
  // push and pop keep the caller's registers and are no spills of a loop.
  bool moves = whole.starts_with("mov") || whole.starts_with("vmov");
  instruction.spills = moves && !list.empty() && isStackSlot(list[0]);
  instruction.reloads = list.size() > 1 && llvm::any_of(ArrayRef(list).drop_front(), isStackSlot) &&
                        !whole.starts_with("lea");
}

/// Loops by their backward jumps. Several to one place are one loop.
static void findLoops(MachineFunction &function) {
  DenseMap<size_t, size_t> ends;
  for (auto [index, instruction] : enumerate(function.instructions)) {
    if (instruction.target && *instruction.target <= index) {
      ends[*instruction.target] = index;
    }
  }
  for (auto [first, last] : ends) {
    function.loops.push_back({first, last});
  }
  llvm::sort(function.loops,
             [](const MachineLoop &a, const MachineLoop &b) { return a.first < b.first; });
  for (MachineLoop &loop : function.loops) {
    for (MachineLoop &other : function.loops) {
      if (loop.first < other.first && other.last <= loop.last) {
        loop.isInnermost = false;
        ++other.depth;
      }
    }
  }
}

/// What a section's relocations refer to, by the place of their field.
static DenseMap<uint64_t, std::string> readRelocations(const object::ObjectFile &file,
                                                       const object::SectionRef &section) {
  DenseMap<uint64_t, std::string> names;
  for (const object::SectionRef &candidate : file.sections()) {
    auto relocated = candidate.getRelocatedSection();
    if (!relocated || *relocated == file.section_end() || **relocated != section) {
      if (!relocated) {
        consumeError(relocated.takeError());
      }
      continue;
    }
    for (const object::RelocationRef &relocation : candidate.relocations()) {
      if (relocation.getSymbol() == file.symbol_end()) {
        continue;
      }
      auto name = relocation.getSymbol()->getName();
      if (name) {
        names[relocation.getOffset()] = name->str();
      } else {
        consumeError(name.takeError());
      }
    }
  }
  return names;
}

static MachineFunction decodeFunction(Decoder &decoder, StringRef name, ArrayRef<uint8_t> bytes,
                                      uint64_t address,
                                      const DenseMap<uint64_t, std::string> &references) {
  MachineFunction function{name.str(), {}, {}};
  std::vector<std::optional<uint64_t>> destinations;
  DenseMap<uint64_t, size_t> places;
  while (!bytes.empty()) {
    MachineInstruction instruction{address, "", std::nullopt};
    std::optional<uint64_t> destination;
    uint64_t size = decoder.decode(bytes, address, instruction.text, destination);
    if (size == 0) {
      break;
    }
    for (uint64_t offset = address; offset < address + size; ++offset) {
      if (auto reference = references.find(offset);
          reference != references.end() && !reference->second.empty()) {
        instruction.text += "  # " + reference->second;
        destination.reset();
      }
    }
    classify(instruction);
    places[address] = function.instructions.size();
    function.instructions.push_back(std::move(instruction));
    destinations.push_back(destination);
    bytes = bytes.drop_front(size);
    address += size;
  }
  for (auto [instruction, destination] : zip_equal(function.instructions, destinations)) {
    if (auto place = destination ? places.find(*destination) : places.end();
        place != places.end()) {
      instruction.target = place->second;
    }
  }
  findLoops(function);
  return function;
}

Expected<std::vector<MachineFunction>> oriel::disassemble(StringRef object) {
  auto file = object::ObjectFile::createELFObjectFile(MemoryBufferRef(object, "kernel"));
  if (!file) {
    return file.takeError();
  }
  Decoder decoder;
  std::vector<MachineFunction> functions;
  for (const object::ELFSymbolRef symbol : (*file)->symbols()) {
    auto type = symbol.getType();
    auto section = symbol.getSection();
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (!type || !section || !name || !address) {
      return joinErrors(joinErrors(type.takeError(), section.takeError()),
                        joinErrors(name.takeError(), address.takeError()));
    }
    if (*type != object::SymbolRef::ST_Function || *section == (*file)->section_end()) {
      continue;
    }
    auto contents = (*section)->getContents();
    if (!contents) {
      return contents.takeError();
    }
    uint64_t start = *address - (*section)->getAddress();
    StringRef code = contents->substr(start, symbol.getSize());
    functions.push_back(decodeFunction(decoder, *name, arrayRefFromStringRef(code), start,
                                       readRelocations(**file, **section)));
  }
  return functions;
}

std::optional<HotLoop> oriel::findHotLoop(const std::vector<MachineFunction> &functions) {
  std::optional<HotLoop> hottest;
  double most = 0;
  for (auto [functionIndex, function] : enumerate(functions)) {
    for (auto [loopIndex, loop] : enumerate(function.loops)) {
      if (!loop.isInnermost) {
        continue;
      }
      auto body = ArrayRef(function.instructions).slice(loop.first, loop.last - loop.first + 1);
      auto operations = static_cast<double>(
          count_if(body, [](const MachineInstruction &each) { return each.isVectorArithmetic; }));
      double weight = operations * std::pow(8.0, loop.depth);
      if (weight > most) {
        most = weight;
        hottest = HotLoop{functionIndex, loopIndex};
      }
    }
  }
  return hottest;
}
