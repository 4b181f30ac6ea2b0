#ifndef ORIEL_DATA_ERROR_H
#define ORIEL_DATA_ERROR_H

#include <stdexcept>

namespace oriel::data {

/// A failure, as one line that names the file and says what to do.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace oriel::data

#endif // ORIEL_DATA_ERROR_H
