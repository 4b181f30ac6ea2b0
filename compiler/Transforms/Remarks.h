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

#include <functional>
#include <string>

namespace oriel {

/// Why ops that could be one kernel are not, or what a fusion gained.
struct FusionRemark {
  enum class Kind { NotFused, Gain };
  Kind kind;
  /// The flag of the pass, for example "fuse-conv-silu".
  std::string pass;
  /// The dotted name of the layer; "" if the op carries none.
  std::string layer;
  /// One sentence without a full stop.
  std::string text;
};

/// Says that `op` was not fused.
void remarkNotFused(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &reason);

/// Says what a fusion gained.
void remarkGain(mlir::Operation *op, llvm::StringRef pass, const llvm::Twine &gain);

/// Hands every remark of the context from now on to `collect`. A context has one collector; fails
/// if there is one.
llvm::LogicalResult collectFusionRemarks(mlir::MLIRContext &context,
                                         std::function<void(const FusionRemark &)> collect);

} // namespace oriel

#endif // ORIEL_COMPILER_TRANSFORMS_REMARKS_H
