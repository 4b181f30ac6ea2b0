// The checks that a file must pass before any of it is opened as code.

#ifndef ORIEL_RUNTIME_SRC_MODULEFILE_H
#define ORIEL_RUNTIME_SRC_MODULEFILE_H

#include "oriel/runtime.h"

namespace oriel {

struct ModuleFileOptions {
  /// ORIEL_ISA_* bits of the processor.
  uint64_t features;
  /// The only variant to consider; nullptr for all.
  const char *target;
  bool verifyParameters;
};

/// Opens `path` for reading and checks that it is a whole, unchanged module of an ABI version that
/// this runtime knows, a variant of which (of options.target, if given) runs on a processor with
/// options.features. On success the caller owns `fd`; on failure nothing is open.
oriel_status openModuleFile(const char *path, const ModuleFileOptions &options, int &fd,
                            oriel_module_note &note, oriel_error *error);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_MODULEFILE_H
