//===- IRDump.h - The files of --dump-ir ----------------------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_IRDUMP_H
#define ORIEL_COMPILER_PIPELINE_IRDUMP_H

#include "compiler/Report/ReportPage.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace oriel {

/// Writes numbered files into a folder:
///
///   00-graph.mlir                   each phase's module when it is complete
///   01-graph-fold-batch-norm.mlir   the module after each pass that changed it
///   kernels/gemm_0.x86-64-v3.stmt   each kernel's schedule and lowered Halide statement
///   21-llvm.ll                      the LLVM IR
///   index.html                      all of it to look at: compiler/Report/ReportPage.h
///
/// Files of these names that an earlier compilation left are removed first. With an empty folder
/// name nothing is written.
class IRDump {
public:
  explicit IRDump(std::string directory) : directory(std::move(directory)) {}

  bool enabled() const { return !directory.empty(); }

  /// Makes the folder and removes what an earlier compilation left.
  llvm::Error open();

  /// Writes the complete module of a phase as `<number>-<phase>.mlir`.
  llvm::Error writePhase(llvm::StringRef phase, mlir::ModuleOp module);

  /// Writes the module after a pass to a phase as `<number>-<phase>-<pass>.mlir`, unless its text
  /// is what was written last.
  llvm::Error writePass(llvm::StringRef phase, llvm::StringRef pass, mlir::ModuleOp module);

  /// The page, to be told what else there is to show; null where nothing is written.
  ReportPage *getPage() { return enabled() ? &page : nullptr; }

  /// Writes the page with what it has been told.
  llvm::Error writePage();

  /// Writes `<number>-<name>`, or `<name>` as it is where it contains a folder.
  llvm::Error writeText(llvm::StringRef name, llvm::StringRef text);

private:
  llvm::Error write(llvm::StringRef file, llvm::StringRef text);

  std::string directory;
  std::string last;
  ReportPage page;
  int number = 0;
};

/// A module's text as dumps hold it: with locations, so that layer names survive a reload.
std::string printModule(mlir::ModuleOp module);

/// Writes a text to a file, beside it first and then renamed; to standard output for "" and "-".
llvm::Error writeTextFile(llvm::StringRef path, llvm::StringRef text);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_IRDUMP_H
