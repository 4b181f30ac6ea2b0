// The checks that a file must pass before any of it is opened as code.

#ifndef ORIEL_RUNTIME_SRC_MODULEFILE_H
#define ORIEL_RUNTIME_SRC_MODULEFILE_H

#include "oriel/runtime.h"

namespace oriel {

/// Opens `path` for reading and checks that it is a whole, unchanged module of an ABI version that
/// this runtime knows, some variant of which runs on a processor with `features`. On success the
/// caller owns `fd`; on failure nothing is open.
oriel_status openModuleFile(const char *path, uint64_t features, bool verifyParameters, int &fd,
                            oriel_module_note &note, oriel_error *error);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_MODULEFILE_H
