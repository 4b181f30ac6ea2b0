//===- ModuleData.h - Modules of each phase as the report page's data -----===//
//
// Objects of JSON that compiler/Report/page/*.js read. Ops are listed in order of execution; an op
// is `{"name", "layer", "type", "text"}`, a layer its dotted name, a text MLIR's without locations.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_REPORT_MODULEDATA_H
#define ORIEL_COMPILER_REPORT_MODULEDATA_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace oriel {

/// Of a module of phase graph: its ops, without parameters.
llvm::json::Array describeGraph(mlir::ModuleOp module);

/// Of a module of phase fused, each kernel:
///
///   {"layer", "family", "text", "type", "plan": {"anchor", "prologue", "hidden", "epilogue", ...},
///    "ops": [an op with "inputs": [{"op": its index} | {"kernel"} | {"input"} | {"parameter"}]],
///    "next": [{"kernel": a reader's index, "reason": why the two are not one}], "isResult"}
///
/// Changes nothing, though it forms kernels for the reasons and erases them.
llvm::json::Array describeKernels(mlir::ModuleOp module);

/// Of a module of phase exec:
///
///   {"batch", "arena": {"bytesPerItem", "fixedBytes", "blocks": [{"layer", "type", "offset",
///   "size",
///    "first", "last"}]},
///    "launches": [{"kernel", "layer", "flops", "bytes", "parameterBytes"}],
///    "kernels": [{"name", "family", "text", "inputs", "outputs", "work"}]}
///
/// Bytes and operations of launches and blocks are of one item of a batch, times are launches.
llvm::json::Object describeProgram(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_COMPILER_REPORT_MODULEDATA_H
