//===- CompileSource.h - What to compile, as command lines say it ---------===//
#ifndef ORIEL_TOOLS_SUPPORT_COMPILESOURCE_H
#define ORIEL_TOOLS_SUPPORT_COMPILESOURCE_H

#include "compiler/Pipeline/Compiler.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace oriel {

/// The part of a command line that oriel-compile and oriel-compare share, as it was given.
struct CompileSource {
  std::string model;
  std::string weights;
  std::vector<std::string> settings;
  int batch = 1;
  bool batchGiven = false;
  std::vector<std::string> targets = {"host"};
  /// f32, f16, or empty where it was not given.
  std::string precision;
  int jobs = 0;
  std::string tuneFor;
  std::string tuning;
  bool noCache = false;
};

/// What --target takes.
std::vector<std::string> targetNames();

/// Adds MODEL, --weights, --set and --batch, and what finishSource reads.
void addModelOptions(CLI::App &app, CompileSource &source);
/// Adds --target, --precision, --jobs, --tuning, --tune-for and --no-cache.
void addTargetOptions(CLI::App &app, CompileSource &source);
/// Completes `source` once the command line is parsed.
void finishSource(const CLI::App &app, CompileSource &source);

/// A context that has the compiler's dialects and no threads: kernels are made in forked children,
/// so the process must have no other threads.
std::unique_ptr<mlir::MLIRContext> makeCompilerContext();

/// Builds the model of the zoo or parses the .mlir file. Fails, with one line, where there is none
/// such, and where a file is to be changed as a model of the zoo can be.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> loadModel(mlir::MLIRContext &context,
                                                            const CompileSource &source);

/// The target of a name, or for "host" the highest level that this processor runs.
llvm::Expected<KernelTarget> resolveTarget(llvm::StringRef name);

/// Fails where the targets cannot run `module` in the precision asked for, or in that which a
/// module of phase exec has.
llvm::Error checkPrecision(mlir::ModuleOp module, const CompileOptions &options,
                           const CompileSource &source);

/// Targets, each once, precision, schedules, jobs and cache folder; the rest is as CompileOptions
/// has it.
llvm::Expected<CompileOptions> makeCompileOptions(const CompileSource &source);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_COMPILESOURCE_H
