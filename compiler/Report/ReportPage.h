//===- ReportPage.h - The page of a compilation ---------------------------===//
//
// `--dump-ir=DIR` also writes DIR/index.html: phases and passes, the graph, kernels down to their
// machine code, memory and remarks, in one file that opens from disk. Data is collected here as
// JSON, with layers' names as plain text; long texts are zlib's, in base64. What shows it stands in
// compiler/Report/page and is carried by the compiler, with D3, diff-match-patch and dagre.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_REPORT_REPORTPAGE_H
#define ORIEL_COMPILER_REPORT_REPORTPAGE_H

#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace oriel {

/// Collects a compilation as it goes on. Use once.
class ReportPage {
public:
  ReportPage() = default;

  /// A module as a pass on the way to a phase has left it; without a pass, as the phase has.
  void addModule(llvm::StringRef phase, llvm::StringRef pass, llvm::StringRef text);
  /// A pass that changed nothing.
  void addUnchanged(llvm::StringRef phase, llvm::StringRef pass);
  void addRemark(const FusionRemark &remark);

  /// What a complete module of phase graph, fused or exec holds.
  void addGraph(mlir::ModuleOp module);
  void addKernels(mlir::ModuleOp module);
  void addProgram(mlir::ModuleOp module);

  /// A kernel's code for one target, after addProgram.
  void addCode(llvm::StringRef kernel, llvm::StringRef target, const CompiledKernel &compiled);

  /// One of the page's own values: "model", "compiler", "error".
  void set(llvm::StringRef key, llvm::json::Value value) { data[key] = std::move(value); }

  /// The whole page. An error where this LLVM has no zlib.
  llvm::Expected<std::string> print() const;

private:
  /// Keeps a long text; its number in the page.
  int64_t addText(std::string text);

  llvm::json::Object data{{"steps", llvm::json::Array()},
                          {"remarks", llvm::json::Array()},
                          {"code", llvm::json::Array()}};
  std::vector<std::string> texts;
};

} // namespace oriel

#endif // ORIEL_COMPILER_REPORT_REPORTPAGE_H
