//===- Phase.h - The phases of a compilation ------------------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_PHASE_H
#define ORIEL_COMPILER_PIPELINE_PHASE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace oriel {

/// In the order a model passes through them.
enum class Phase { Graph, Fused, Exec, LLVM, Module };

struct PhaseInfo {
  Phase phase;
  llvm::StringLiteral name;
  llvm::StringLiteral help;
};

/// All phases, in order. `--compile-to`, its help text and the names of dumps come from here.
llvm::ArrayRef<PhaseInfo> phases();

const PhaseInfo &phaseInfo(Phase phase);

std::optional<Phase> parsePhase(llvm::StringRef name);

/// Name of the attribute of a dumped module that holds its phase's name.
inline constexpr llvm::StringLiteral phaseAttribute = "oriel.phase";

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_PHASE_H
