//===- Remarks.h - What was fused and what was not ------------------------===//
//
// Fusion reports through MLIR's optimisation remarks (category "fusion", name = the pass);
// oriel-opt shows them with
// --remarks-filter=fusion.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TRANSFORMS_REMARKS_H
#define ORIEL_COMPILER_TRANSFORMS_REMARKS_H

#include "mlir/IR/Operation.h"
#include "llvm/Support/JSON.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

/// What a pass joined, why ops that could be one kernel are not, or what a rewriting gained.
struct FusionRemark {
  enum class Kind { Fused, NotFused, Gain };
  Kind kind;
  /// The flag of the pass, for example "fuse-conv-silu".
  std::string pass;
  /// The dotted name of the layer; "" if the op carries none.
  std::string layer;
  /// One sentence without a full stop.
  std::string text;
  /// The layers of the ops that were or could be joined, each once; empty where it is `layer` only.
  std::vector<std::string> layers;
  /// What is no longer moved through memory, where the remark says so; else 0.
  int64_t savedBytes = 0;
};

/// "fused", "not-fused" or "gain".
llvm::StringRef getName(FusionRemark::Kind kind);

/// As docs/report.md has it.
llvm::json::Object toJson(const FusionRemark &remark);

/// Says that `op` has taken the place of ops of `layers`.
void remarkFused(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &text,
                 llvm::ArrayRef<std::string> layers = {});

/// Says that `op` was not fused; `layers` as above.
void remarkNotFused(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &reason,
                    llvm::ArrayRef<std::string> layers = {});

/// Says what a rewriting gained.
void remarkGain(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &gain,
                int64_t savedBytes = 0);

/// Hands every remark of the context from now on to `collect`. A context has one collector; fails
/// if there is one.
llvm::LogicalResult collectFusionRemarks(mlir::MLIRContext &context,
                                         std::function<void(const FusionRemark &)> collect);

} // namespace oriel

#endif // ORIEL_COMPILER_TRANSFORMS_REMARKS_H
