//===- KernelTiming.h - One kernel of a module, timed alone ---------------===//
#ifndef ORIEL_TOOLS_ORIELBENCH_KERNELTIMING_H
#define ORIEL_TOOLS_ORIELBENCH_KERNELTIMING_H

#include "tools/support/TimedModule.h"

namespace oriel {

/// Position in the launch table of the launch that `name`, a kernel's or a layer's, calls
/// (compiler/Pipeline/LaunchNames.h). Throws ToolError, with close names, where there is none.
int32_t findLaunch(const oriel_variant &variant, const std::string &name);

/// Microseconds of single launches, each the mean of as many one after the other as take 0.2 ms
/// or more.
///
/// The launch reads what the model gives it, which is put back first: `launch` and those before it
/// run once. No launch stores into what it reads, so it stays; caches are as warm as it leaves
/// them.
std::vector<double> timeLaunch(TimedModule &session, int32_t launch, double seconds);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIELBENCH_KERNELTIMING_H
