// The one way in which the runtime reports that something failed.

#ifndef ORIEL_RUNTIME_SRC_ERROR_H
#define ORIEL_RUNTIME_SRC_ERROR_H

#include "oriel/runtime.h"

namespace oriel {

/// Writes `status` and the formatted text to `error`, where that is not NULL, and returns `status`.
/// Line breaks in the text (of a path, say) become spaces; text that does not fit is cut off.
[[gnu::format(printf, 3, 4)]] oriel_status fail(oriel_error *error, oriel_status status,
                                                const char *format, ...);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_ERROR_H
