//===- DeviceBuffers.cpp - The buffers of one kernel's run on a device ----===//

#include "compiler/Kernels/DeviceBuffers.h"

#include "runtime/src/OpenClDevice.h"

using namespace oriel;

bool DeviceBuffers::check(oriel_status status) {
  if (status != ORIEL_OK && error.empty()) {
    error = failure.message;
  }
  return status == ORIEL_OK;
}

DeviceBuffers::DeviceBuffers(llvm::ArrayRef<KernelBuffer *> buffers)
    : buffers(buffers), addresses(buffers.size(), nullptr), api(openClApi()) {
  if (!check(api->createModule(nullptr, 0, &module, &failure)) ||
      !check(api->createQueue(module, nullptr, &queue, &failure))) {
    return;
  }
  for (auto [buffer, address] : llvm::zip_equal(buffers, addresses)) {
    if (!check(api->allocate(queue, buffer->getBytes(), &address, &failure)) ||
        !check(api->upload(queue, address, buffer->getHost(), buffer->getBytes(), &failure))) {
      return;
    }
  }
}

DeviceBuffers::~DeviceBuffers() {
  if (queue) {
    api->destroyQueue(queue);
  }
  if (module) {
    api->destroyModule(module);
  }
}

int32_t DeviceBuffers::launch(void *buffers, const oriel_kernel_launch *launch) {
  auto *self = static_cast<DeviceBuffers *>(buffers);
  return self->check(self->api->launch(self->queue, *launch, &self->failure)) ? 0 : -1;
}

void DeviceBuffers::describe(oriel_call &call) {
  call.launch_kernel = launch;
  call.device_queue = this;
}

void DeviceBuffers::load() {
  for (auto [buffer, address] : llvm::zip_equal(buffers, addresses)) {
    if (!error.empty() ||
        !check(api->download(queue, address, buffer->getHost(), buffer->getBytes(), &failure))) {
      break;
    }
  }
  if (queue) {
    check(api->synchronize(queue, &failure));
  }
}
