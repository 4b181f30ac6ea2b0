// A module has the device's primary context and its parameters in one block of the device's memory;
// a queue has a stream, and records launches as a CUDA graph.

#include "runtime/src/CudaDevice.h"

#include "runtime/src/CudaState.h"
#include "runtime/src/Error.h"

#include <cstdlib>
#include <new>

using namespace oriel;

oriel_status oriel::failCudaCall(const CudaModule &module, const char *call, int32_t code,
                                 oriel_error *error) {
  const char *name = nameCudaError(module.cu, code);
  if (code == cuda::outOfMemory) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "the CUDA device '%s' is out of memory (%s from %s): use a smaller batch or free "
                "other contexts",
                module.deviceName, name, call);
  }
  return fail(
      error, ORIEL_DEVICE_FAILED,
      "the CUDA device '%s' failed (%s from %s): release the context and make a new one, or "
      "run on the device cpu",
      module.deviceName, name, call);
}

bool oriel::isMemoryOf(const CudaQueue &queue, uint64_t address, uint64_t bytes) {
  auto holds = [&](uint64_t begin, uint64_t size) {
    uint64_t offset = address - begin;
    return offset <= size && bytes <= size - offset;
  };
  for (const CudaBlock *block = queue.blocks; block != nullptr; block = block->next) {
    if (holds(block->address, block->bytes)) {
      return true;
    }
  }
  return queue.module->parameters != 0 &&
         holds(queue.module->parameters, queue.module->parameterBytes);
}

namespace {

oriel_status failHost(oriel_error *error) {
  return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory to keep track of a device's: free some");
}

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

/// The first device: CUDA_VISIBLE_DEVICES, which the driver reads, makes another the first.
oriel_status openDevice(CudaModule &module, oriel_error *error) {
  const CudaLibrary &cu = module.cu;
  if (oriel_status status = openCudaLibrary(module.cu, error); status != ORIEL_OK) {
    return status;
  }
  int32_t count = 0;
  int32_t code = cu.cuDeviceGetCount(&count);
  if (code != cuda::success || count == 0) {
    return fail(error, ORIEL_NO_DEVICE,
                "CUDA has no device on this machine: check nvidia-smi and CUDA_VISIBLE_DEVICES, or "
                "run on the device cpu");
  }
  int32_t major = 0, minor = 0;
  cu.cuDeviceGet(&module.device, 0);
  cu.cuDeviceGetName(module.deviceName, sizeof module.deviceName - 1, module.device);
  cu.cuDeviceGetAttribute(&major, cuda::capabilityMajor, module.device);
  cu.cuDeviceGetAttribute(&minor, cuda::capabilityMinor, module.device);
  cu.cuDriverGetVersion(&module.driverVersion);
  module.capability = 10 * major + minor;
  code = cu.cuDevicePrimaryCtxRetain(&module.context, module.device);
  if (code != cuda::success) {
    module.context = nullptr;
    return failCudaCall(module, "cuDevicePrimaryCtxRetain", code, error);
  }
  return ORIEL_OK;
}

oriel_status uploadParameters(CudaModule &module, const void *parameters, oriel_error *error) {
  if (module.parameterBytes == 0) {
    return ORIEL_OK;
  }
  const CudaLibrary &cu = module.cu;
  CurrentCudaContext current(module);
  int32_t code = current.status();
  const char *call = "cuCtxPushCurrent";
  if (code == cuda::success) {
    code = cu.cuMemAlloc(&module.parameters, module.parameterBytes);
    call = "cuMemAlloc";
  }
  if (code == cuda::success) {
    // On the default stream, which the wait is for: other streams find them there.
    code = cu.cuMemcpyHtoDAsync(module.parameters, parameters, module.parameterBytes, nullptr);
    call = "cuMemcpyHtoDAsync";
  }
  if (code == cuda::success) {
    code = cu.cuStreamSynchronize(nullptr);
    call = "cuStreamSynchronize";
  }
  return code == cuda::success ? ORIEL_OK : failCudaCall(module, call, code, error);
}

void destroyModule(DeviceModule *handle) {
  CudaModule *module = unwrap(handle);
  if (module->context != nullptr) {
    {
      CurrentCudaContext current(*module);
      unloadCudaKernels(*module);
      if (module->parameters != 0) {
        module->cu.cuMemFree(module->parameters);
      }
    }
    module->cu.cuDevicePrimaryCtxRelease(module->device);
  }
  pthread_mutex_destroy(&module->mutex);
  module->~CudaModule();
  free(module);
}

oriel_status createModule(const void *parameters, uint64_t bytes, DeviceModule **out,
                          oriel_error *error) {
  void *memory = malloc(sizeof(CudaModule));
  if (memory == nullptr) {
    return failHost(error);
  }
  auto *module = new (memory) CudaModule();
  module->parameterBytes = bytes;
  auto *handle = reinterpret_cast<DeviceModule *>(module);
  oriel_status status = openDevice(*module, error);
  if (status == ORIEL_OK) {
    status = uploadParameters(*module, parameters, error);
  }
  if (status != ORIEL_OK) {
    destroyModule(handle);
    return status;
  }
  *out = handle;
  return ORIEL_OK;
}

const void *parametersOf(const DeviceModule *module) {
  return reinterpret_cast<const void *>(reinterpret_cast<const CudaModule *>(module)->parameters);
}

//===----------------------------------------------------------------------===//
// Queues and memory
//===----------------------------------------------------------------------===//

void destroyQueue(DeviceQueue *handle) {
  CudaQueue *queue = unwrap(handle);
  const CudaLibrary &cu = queue->module->cu;
  {
    CurrentCudaContext current(*queue->module);
    if (queue->ownStream != nullptr) {
      cu.cuStreamSynchronize(queue->stream);
    }
    if (queue->graph != nullptr) {
      cu.cuGraphExecDestroy(queue->graph);
    }
    while (queue->blocks != nullptr) {
      CudaBlock *block = queue->blocks;
      queue->blocks = block->next;
      cu.cuMemFree(block->address);
      free(block);
    }
    if (queue->ownStream != nullptr) {
      cu.cuStreamDestroy(queue->ownStream);
    }
  }
  queue->~CudaQueue();
  free(queue);
}

oriel_status createQueue(DeviceModule *module, void *stream, DeviceQueue **out,
                         oriel_error *error) {
  void *memory = malloc(sizeof(CudaQueue));
  if (memory == nullptr) {
    return failHost(error);
  }
  auto *queue = new (memory) CudaQueue();
  queue->module = unwrap(module);
  CurrentCudaContext current(*queue->module);
  int32_t code = current.status();
  if (code == cuda::success) {
    code = queue->module->cu.cuStreamCreate(&queue->ownStream, cuda::streamNonBlocking);
  }
  if (code != cuda::success) {
    queue->ownStream = nullptr;
    oriel_status status = failCudaCall(*queue->module, "cuStreamCreate", code, error);
    free(queue);
    return status;
  }
  queue->stream = stream != nullptr ? stream : queue->ownStream;
  *out = reinterpret_cast<DeviceQueue *>(queue);
  return ORIEL_OK;
}

oriel_status allocate(DeviceQueue *handle, uint64_t bytes, void **address, oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  const CudaLibrary &cu = queue.module->cu;
  auto *block = static_cast<CudaBlock *>(malloc(sizeof(CudaBlock)));
  if (block == nullptr) {
    return failHost(error);
  }
  CurrentCudaContext current(*queue.module);
  int32_t code = current.status();
  // cuMemAlloc aligns to 256 bytes at least; half a line of 512 is left over.
  uint64_t memory = 0, size = bytes <= UINT64_MAX - 512 ? bytes + 512 : bytes;
  const char *call = "cuMemAlloc";
  if (code == cuda::success) {
    code = cu.cuMemAlloc(&memory, size);
  }
  if (code == cuda::success) {
    call = "cuMemsetD8Async";
    code = cu.cuMemsetD8Async(memory, 0, size, queue.stream);
    if (code != cuda::success) {
      cu.cuMemFree(memory);
    }
  }
  if (code != cuda::success) {
    free(block);
    return failCudaCall(*queue.module, call, code, error);
  }
  *block = {queue.blocks, memory, size};
  queue.blocks = block;
  *address = reinterpret_cast<void *>((memory + 511) / 512 * 512);
  return ORIEL_OK;
}

enum class Copy { ToDevice, ToHost, OnDevice };

oriel_status copy(CudaQueue &queue, Copy kind, const void *from, void *to, uint64_t bytes,
                  oriel_error *error) {
  const CudaLibrary &cu = queue.module->cu;
  CurrentCudaContext current(*queue.module);
  auto source = reinterpret_cast<uintptr_t>(from), target = reinterpret_cast<uintptr_t>(to);
  int32_t code = current.status();
  const char *call = "cuCtxPushCurrent";
  if (code == cuda::success && kind == Copy::ToDevice) {
    call = "cuMemcpyHtoDAsync";
    code = cu.cuMemcpyHtoDAsync(target, from, bytes, queue.stream);
  } else if (code == cuda::success && kind == Copy::ToHost) {
    call = "cuMemcpyDtoHAsync";
    code = cu.cuMemcpyDtoHAsync(to, source, bytes, queue.stream);
  } else if (code == cuda::success) {
    call = "cuMemcpyDtoDAsync";
    code = cu.cuMemcpyDtoDAsync(target, source, bytes, queue.stream);
  }
  return code == cuda::success ? ORIEL_OK : failCudaCall(*queue.module, call, code, error);
}

oriel_status upload(DeviceQueue *queue, void *address, const void *from, uint64_t bytes,
                    oriel_error *error) {
  return copy(*unwrap(queue), Copy::ToDevice, from, address, bytes, error);
}

oriel_status download(DeviceQueue *queue, const void *address, void *to, uint64_t bytes,
                      oriel_error *error) {
  return copy(*unwrap(queue), Copy::ToHost, address, to, bytes, error);
}

oriel_status copyOnDevice(DeviceQueue *queue, void *to, const void *from, uint64_t bytes,
                          oriel_error *error) {
  return copy(*unwrap(queue), Copy::OnDevice, from, to, bytes, error);
}

oriel_status synchronize(DeviceQueue *handle, oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  CurrentCudaContext current(*queue.module);
  int32_t code = queue.module->cu.cuStreamSynchronize(queue.stream);
  return code == cuda::success ? ORIEL_OK
                               : failCudaCall(*queue.module, "cuStreamSynchronize", code, error);
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

oriel_status beginRecording(DeviceQueue *handle, oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  CurrentCudaContext current(*queue.module);
  // On the queue's own stream: a caller's may be the default stream, which cannot be recorded.
  int32_t code = queue.module->cu.cuStreamBeginCapture(queue.ownStream, cuda::captureThreadLocal);
  queue.isRecording = code == cuda::success;
  return queue.isRecording ? ORIEL_OK
                           : failCudaCall(*queue.module, "cuStreamBeginCapture", code, error);
}

oriel_status endRecording(DeviceQueue *handle, oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  const CudaLibrary &cu = queue.module->cu;
  CurrentCudaContext current(*queue.module);
  queue.isRecording = false;
  void *recorded = nullptr;
  int32_t code = cu.cuStreamEndCapture(queue.ownStream, &recorded);
  const char *call = "cuStreamEndCapture";
  if (code == cuda::success) {
    code = cu.cuGraphInstantiateWithFlags(&queue.graph, recorded, 0);
    call = "cuGraphInstantiate";
    cu.cuGraphDestroy(recorded);
  }
  if (code != cuda::success) {
    queue.graph = nullptr;
    return failCudaCall(*queue.module, call, code, error);
  }
  return ORIEL_OK;
}

oriel_status replay(DeviceQueue *handle, oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  CurrentCudaContext current(*queue.module);
  int32_t code = queue.module->cu.cuGraphLaunch(queue.graph, queue.stream);
  return code == cuda::success ? ORIEL_OK
                               : failCudaCall(*queue.module, "cuGraphLaunch", code, error);
}

} // namespace

// Float16 is loaded and stored from compute capability 5.3 on, less than any module needs.
static const DeviceApi api = {
    createModule, destroyModule, parametersOf,   createQueue,  destroyQueue,
    allocate,     upload,        download,       launchOnCuda, synchronize,
    nullptr,      copyOnDevice,  beginRecording, endRecording, replay,
};

const DeviceApi *oriel::cudaApi() { return &api; }
