// NVIDIA's devices with a driver for CUDA 11.4 or later.

#ifndef ORIEL_RUNTIME_SRC_CUDADEVICE_H
#define ORIEL_RUNTIME_SRC_CUDADEVICE_H

#include "runtime/src/Device.h"

namespace oriel {

const DeviceApi *cudaApi();

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CUDADEVICE_H
