//===- Progress.h - A compilation's progress on standard output -----------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPILE_PROGRESS_H
#define ORIEL_TOOLS_ORIEL_COMPILE_PROGRESS_H

#include "compiler/Pipeline/Compiler.h"

namespace oriel {

/// A line for each phase. On a terminal the count of kernels is one line that is written over;
/// elsewhere a line for about each tenth of them. Remarks go to standard error.
CompileProgress printProgress();

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPILE_PROGRESS_H
