// Devices with an OpenCL 1.2 driver.

#ifndef ORIEL_RUNTIME_SRC_OPENCLDEVICE_H
#define ORIEL_RUNTIME_SRC_OPENCLDEVICE_H

#include "runtime/src/Device.h"

namespace oriel {

const DeviceApi *openClApi();

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_OPENCLDEVICE_H
