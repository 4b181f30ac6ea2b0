// Copies what a launch has stored out of the memory of a context.

#ifndef ORIEL_RUNTIME_SRC_STOREREADER_H
#define ORIEL_RUNTIME_SRC_STOREREADER_H

#include "runtime/src/DeviceRun.h"

namespace oriel {

/// Elements of one batch item.
int64_t elementsPerItem(const oriel_store_info &store);

/// Reads stores of a context's launches; all of it must outlive this.
class StoreReader {
public:
  /// `device` is null for a context on the processor.
  StoreReader(const oriel_call &call, DeviceRun *device) : call(call), device(device) {}

  /// Copies a store to `values`, as float32, dense and row-major with the call's batch in dimension
  /// 0, while the run is between the end of its launch and the begin of the next.
  oriel_status read(const oriel_store_info &store, float *values, oriel_error *error);

private:
  const oriel_call &call;
  DeviceRun *device;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_STOREREADER_H
