#include "runtime/src/Error.h"

#include <cstdarg>
#include <cstdio>

oriel_status oriel::fail(oriel_error *error, oriel_status status, const char *format, ...) {
  if (error == nullptr) {
    return status;
  }
  error->status = status;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  for (char *c = error->message; *c != '\0'; ++c) {
    if (*c == '\n' || *c == '\r') {
      *c = ' ';
    }
  }
  return status;
}
