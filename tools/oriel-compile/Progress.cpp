//===- Progress.cpp - A compilation's progress on standard output ---------===//

#include "tools/oriel-compile/Progress.h"

#include "llvm/Support/raw_ostream.h"

#include <unistd.h>

using namespace oriel;

CompileProgress oriel::printProgress() {
  CompileProgress progress;
  progress.phase = [](Phase phase) {
    const PhaseInfo &info = phaseInfo(phase);
    llvm::outs() << "phase " << info.name << ": " << info.help << "\n";
    llvm::outs().flush();
  };
  progress.kernels = [terminal = isatty(STDOUT_FILENO) != 0](int done, int total) {
    int step = std::max(1, total / 10);
    if (terminal) {
      llvm::outs() << "\rkernels: " << done << " of " << total << (done == total ? "\n" : "");
    } else if (done % step == 0 || done == total) {
      llvm::outs() << "kernels: " << done << " of " << total << "\n";
    }
    llvm::outs().flush();
  };
  progress.remark = [](const std::string &text) {
    llvm::errs() << "oriel-compile: remark: " << text << "\n";
  };
  return progress;
}
