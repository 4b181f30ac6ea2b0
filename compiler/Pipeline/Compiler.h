//===- Compiler.h - From a graph to a shared library ----------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_COMPILER_H
#define ORIEL_COMPILER_PIPELINE_COMPILER_H

#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Pipeline/IRDump.h"
#include "compiler/Pipeline/KernelJobs.h"
#include "compiler/Pipeline/Phase.h"
#include "frontend/ParameterSource.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

struct CompileOptions {
  /// One variant of the module each; their names differ. At least one, at most ORIEL_MAX_VARIANTS.
  std::vector<KernelTarget> targets;
  /// Processes that make kernel objects at the same time.
  int jobs = 1;
  /// Folder of compiled kernels to use and add to; empty for none. See KernelCache.h.
  std::string cacheFolder;
  /// What the kernels' schedules are to choose; by default nothing.
  ScheduleSource schedule = chooseNothing;
  /// The shared library to write (phase module), or the text (earlier phases; "-": standard
  /// output).
  std::string output;
  Phase compileTo = Phase::Module;
  /// What arena and parameter block are to hold, F32 or F16. A module of phase exec keeps what it
  /// has.
  ElementType precision = ElementType::F32;
  /// Let a module of phase graph take an image's bytes and normalise them itself (pass
  /// take-pixels).
  bool takesPixels = false;
  /// Where not empty, `output` is to be one kernel as a module of phase fused, and nothing more is
  /// done (ExtractKernel.h); compileTo is phase exec then.
  std::string extractedKernel;
  /// Folder of --dump-ir; empty for none.
  std::string dumpDirectory;
  std::vector<std::string> classNames;
  std::string compilerVersion;
};

/// Hears how a compilation proceeds.
struct CompileProgress {
  std::function<void(Phase)> phase = [](Phase) {};
  std::function<void(int done, int total)> kernels = [](int, int) {};
  /// One line on something that was done otherwise than was asked for, which changes no result.
  std::function<void(const std::string &text)> remark = [](const std::string &) {};
};

/// Registers what the compiler's modules consist of.
void registerDialects(mlir::DialectRegistry &registry);

/// The phase of a module: what its attribute says, or what its ops show.
Phase phaseOf(mlir::ModuleOp module);

/// Compiles one module. Use once.
class Compiler {
public:
  Compiler(CompileOptions options, CompileProgress progress)
      : options(std::move(options)), progress(std::move(progress)),
        dump(this->options.dumpDirectory) {}

  /// Takes the module from its phase to options.compileTo. `parameters` is needed for phase module
  /// only and may be null before. On an error no output file is left.
  llvm::Error run(mlir::ModuleOp module, const ParameterSource *parameters);

  /// Takes note of a remark of a pass, for the page of a dump.
  void noteRemark(const FusionRemark &remark) {
    if (ReportPage *page = dump.getPage()) {
      page->addRemark(remark);
    }
  }

  /// What --report holds of the compilation (docs/report.md).
  llvm::json::Object takeReport() { return std::move(report); }

private:
  llvm::Error takePixels(Phase phase, mlir::ModuleOp module);
  llvm::Error runFrom(Phase phase, mlir::ModuleOp module, const ParameterSource *parameters);
  llvm::Error lowerTo(Phase phase, mlir::ModuleOp module);
  llvm::Error finishPhase(Phase phase, mlir::ModuleOp module);
  /// Passes the error on.
  llvm::Error writePage(mlir::ModuleOp module, llvm::Error error);

  CompileOptions options;
  CompileProgress progress;
  IRDump dump;
  llvm::json::Object report;
};

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_COMPILER_H
