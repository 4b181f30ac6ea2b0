//===- Size2D.h - Height and width ----------------------------------------===//
#ifndef ORIEL_FRONTEND_SIZE2D_H
#define ORIEL_FRONTEND_SIZE2D_H

#include <cstdint>

namespace oriel {

/// Height and width of an image, a feature map, a window, a patch or a filter, in pixels or tokens.
struct Size2D {
  int64_t height = 0;
  int64_t width = 0;

  int64_t area() const { return height * width; }
  bool operator==(const Size2D &) const = default;
};

} // namespace oriel

#endif // ORIEL_FRONTEND_SIZE2D_H
