//===- Phase.cpp - The phases of a compilation ----------------------------===//

#include "compiler/Pipeline/Phase.h"

using namespace oriel;

static constexpr PhaseInfo table[] = {
    {Phase::Graph, "graph", "the model as its paper writes it: oriel ops on tensors"},
    {Phase::Fused, "fused", "what is computed together stands in one oriel.kernel"},
    {Phase::Exec, "exec", "launches on buffers of the arena; equal kernels are one"},
    {Phase::LLVM, "llvm", "the orchestration as LLVM IR"},
    {Phase::Module, "module", "the shared library"},
};

llvm::ArrayRef<PhaseInfo> oriel::phases() { return table; }

const PhaseInfo &oriel::phaseInfo(Phase phase) { return table[static_cast<int>(phase)]; }

std::optional<Phase> oriel::parsePhase(llvm::StringRef name) {
  for (const PhaseInfo &info : table) {
    if (info.name == name) {
      return info.phase;
    }
  }
  return std::nullopt;
}
