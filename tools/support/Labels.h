// The names of a model's classes.

#ifndef ORIEL_TOOLS_SUPPORT_LABELS_H
#define ORIEL_TOOLS_SUPPORT_LABELS_H

#include "oriel/runtime.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

/// The names of `classCount` classes: the lines of the file `labelsPath` that are not empty, or,
/// where that is "", what is embedded in the module; none where there is nothing. Throws ToolError
/// if the file cannot be read or has another number of names.
std::vector<std::string> classNames(const std::string &labelsPath, const oriel_signature &signature,
                                    int64_t classCount);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_LABELS_H
