// Machine code that a driver has made of PTX, kept on disk: a driver may take seconds for a model.
//
// In $XDG_CACHE_HOME/oriel/cubin, or ~/.cache/oriel/cubin, a file for each code, its name the
// SHA-256 of all that it depends on. A file holds the SHA-256 of the code, then the code: what is
// damaged counts as absent. It appears by a rename, so several programs may share the folder. No
// failure is an error.

#ifndef ORIEL_RUNTIME_SRC_CUBINCACHE_H
#define ORIEL_RUNTIME_SRC_CUBINCACHE_H

#include <cstddef>
#include <cstdint>

namespace oriel {

class CubinCache {
public:
  /// The place of what a driver of this version makes of `ptx` for this device.
  CubinCache(const char *ptx, int32_t driverVersion, const char *deviceName, int32_t capability);

  /// The code, which the caller frees; nullptr where there is none.
  void *read() const;
  void write(const void *code, size_t bytes) const;

private:
  /// Empty where there is no place for a cache.
  char path[1024] = {};
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CUBINCACHE_H
