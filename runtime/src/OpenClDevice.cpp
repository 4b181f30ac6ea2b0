// OpenCL 1.2 knows no addresses, only buffers, and parts of buffers that begin at an alignment of
// the device. Addresses are therefore those of memory of the program that nobody may touch,
// reserved for each buffer; a kernel's argument becomes the part of the buffer whose place it has.
// Parameters keep their address in the program; each gets a buffer of its own when a kernel first
// asks for it, so their alignment does not matter.

#include "runtime/src/OpenClDevice.h"

#include "runtime/src/Error.h"
#include "runtime/src/OpenClState.h"

#include <cstdio>
#include <cstring>
#include <new>
#include <sys/mman.h>

using namespace oriel;

oriel_status oriel::failOpenClCall(const OpenClModule &module, const char *call, int32_t code,
                                   oriel_error *error) {
  char number[32];
  const char *name = nameOpenClError(code, number);
  // CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY, CL_INVALID_BUFFER_SIZE.
  if (code == -4 || code == -6 || code == -61) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "the OpenCL device '%s' is out of memory (%s from %s): use a smaller batch or free "
                "other contexts",
                module.deviceName, name, call);
  }
  return fail(error, ORIEL_DEVICE_FAILED,
              "the OpenCL device '%s' failed (%s from %s): release the context and make a new one, "
              "or run on the device cpu",
              module.deviceName, name, call);
}

oriel_status oriel::failOpenClHost(oriel_error *error) {
  return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory to keep track of a device's: free some");
}

const OpenClBlock *oriel::findBlock(const OpenClQueue &queue, const void *address, uint64_t bytes,
                                    uint64_t &offset) {
  for (const OpenClBlock *block = queue.blocks; block != nullptr; block = block->next) {
    offset = keyOf(address) - keyOf(block->address);
    if (offset <= block->bytes && bytes <= block->bytes - offset) {
      return block;
    }
  }
  return nullptr;
}

oriel_status oriel::failOpenClAddress(oriel_error *error) {
  return fail(error, ORIEL_DEVICE_FAILED,
              "a kernel's argument lies in no memory of its device: report this as a bug of "
              "oriel-compile");
}

namespace {

OpenClModule *unwrap(DeviceModule *module) { return reinterpret_cast<OpenClModule *>(module); }

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

template <typename Value>
Value deviceInfo(const OpenClLibrary &cl, void *device, uint32_t what) {
  Value value = 0;
  cl.clGetDeviceInfo(device, what, sizeof value, &value, nullptr);
  return value;
}

/// The first device that is no processor of the host, else the first of all.
void *chooseDevice(const OpenClLibrary &cl) {
  constexpr uint32_t mostPlatforms = 16, mostDevices = 16;
  void *platforms[mostPlatforms], *devices[mostDevices], *first = nullptr;
  uint32_t platformCount = 0;
  if (cl.clGetPlatformIDs(mostPlatforms, platforms, &platformCount) != opencl::success) {
    return nullptr;
  }
  for (uint32_t i = 0; i < platformCount && i < mostPlatforms; ++i) {
    uint32_t count = 0;
    if (cl.clGetDeviceIDs(platforms[i], opencl::deviceTypeAll, mostDevices, devices, &count) !=
        opencl::success) {
      continue;
    }
    for (uint32_t j = 0; j < count && j < mostDevices; ++j) {
      first = first != nullptr ? first : devices[j];
      if ((deviceInfo<uint64_t>(cl, devices[j], opencl::deviceType) & opencl::deviceTypeCpu) == 0) {
        return devices[j];
      }
    }
  }
  return first;
}

oriel_status openDevice(OpenClModule &module, oriel_error *error) {
  const OpenClLibrary &cl = module.cl;
  if (oriel_status status = openOpenClLibrary(module.cl, error); status != ORIEL_OK) {
    return status;
  }
  module.device = chooseDevice(cl);
  if (module.device == nullptr) {
    return fail(error, ORIEL_NO_DEVICE,
                "OpenCL has no device on this machine: install a driver (pocl-opencl-icd runs on "
                "the processor), or run on the device cpu");
  }
  cl.clGetDeviceInfo(module.device, opencl::deviceName, sizeof module.deviceName - 1,
                     module.deviceName, nullptr);
  module.alignment = deviceInfo<uint32_t>(cl, module.device, opencl::deviceAddressAlign) / 8;
  module.memoryBytes = deviceInfo<uint64_t>(cl, module.device, opencl::deviceMemory);
  module.mostBytes = deviceInfo<uint64_t>(cl, module.device, opencl::deviceMaxAllocation);
  int32_t code = opencl::success;
  module.context = cl.clCreateContext(nullptr, 1, &module.device, nullptr, nullptr, &code);
  return code == opencl::success ? ORIEL_OK
                                 : failOpenClCall(module, "clCreateContext", code, error);
}

void destroyModule(DeviceModule *handle) {
  OpenClModule *module = unwrap(handle);
  const OpenClLibrary &cl = module->cl;
  module->programs.forEach([&](void *program) { cl.clReleaseProgram(program); });
  module->constants.forEach([&](void *buffer) { cl.clReleaseMemObject(buffer); });
  if (module->context != nullptr) {
    cl.clReleaseContext(module->context);
  }
  pthread_mutex_destroy(&module->mutex);
  module->~OpenClModule();
  free(module);
}

oriel_status createModule(const void *parameters, uint64_t bytes, DeviceModule **out,
                          oriel_error *error) {
  void *memory = malloc(sizeof(OpenClModule));
  if (memory == nullptr) {
    return failOpenClHost(error);
  }
  auto *module = new (memory) OpenClModule();
  module->parameters = static_cast<const uint8_t *>(parameters);
  module->parameterBytes = bytes;
  auto *handle = reinterpret_cast<DeviceModule *>(module);
  oriel_status status = openDevice(*module, error);
  if (status != ORIEL_OK) {
    destroyModule(handle);
    return status;
  }
  *out = handle;
  return ORIEL_OK;
}

/// Whether the device lists an extension, in words with spaces between.
bool hasExtension(const OpenClModule &module, const char *name) {
  size_t bytes = 0, length = strlen(name);
  module.cl.clGetDeviceInfo(module.device, opencl::deviceExtensions, 0, nullptr, &bytes);
  auto *text = static_cast<char *>(calloc(bytes + 1, 1));
  bool isFound = false;
  if (text != nullptr) {
    module.cl.clGetDeviceInfo(module.device, opencl::deviceExtensions, bytes, text, nullptr);
  }
  for (const char *word = text; word != nullptr && *word != '\0' && !isFound;) {
    size_t wordLength = strcspn(word, " ");
    isFound = wordLength == length && memcmp(word, name, length) == 0;
    word += wordLength + strspn(word + wordLength, " ");
  }
  free(text);
  return isFound;
}

oriel_status checkStorage(const DeviceModule *handle, int32_t type, oriel_error *error) {
  const auto &module = *reinterpret_cast<const OpenClModule *>(handle);
  if (type != ORIEL_ELEMENT_F16 || hasExtension(module, "cl_khr_fp16")) {
    return ORIEL_OK;
  }
  return fail(error, ORIEL_DEVICE_FAILED,
              "the OpenCL device '%s' has no cl_khr_fp16, which a module in f16 needs: compile it "
              "with --precision f32, or run it on another device",
              module.deviceName);
}

const void *parametersOf(const DeviceModule *module) {
  return reinterpret_cast<const OpenClModule *>(module)->parameters;
}

//===----------------------------------------------------------------------===//
// Queues and memory
//===----------------------------------------------------------------------===//

void destroyQueue(DeviceQueue *handle) {
  OpenClQueue *queue = unwrap(handle);
  const OpenClLibrary &cl = queue->module->cl;
  if (queue->queue != nullptr) {
    cl.clFinish(queue->queue);
  }
  queue->kernels.forEach([&](void *kernel) { cl.clReleaseKernel(kernel); });
  queue->parts.forEach([&](void *part) { cl.clReleaseMemObject(part); });
  while (queue->blocks != nullptr) {
    OpenClBlock *block = queue->blocks;
    queue->blocks = block->next;
    cl.clReleaseMemObject(block->buffer);
    munmap(block->address, block->bytes);
    free(block);
  }
  if (queue->queue != nullptr) {
    cl.clReleaseCommandQueue(queue->queue);
  }
  queue->~OpenClQueue();
  free(queue);
}

/// Takes no stream: without copyOnDevice, none is given.
oriel_status createQueue(DeviceModule *module, void * /*stream*/, DeviceQueue **out,
                         oriel_error *error) {
  void *memory = malloc(sizeof(OpenClQueue));
  if (memory == nullptr) {
    return failOpenClHost(error);
  }
  auto *queue = new (memory) OpenClQueue();
  queue->module = unwrap(module);
  const OpenClModule &owner = *queue->module;
  int32_t code = opencl::success;
  queue->queue = owner.cl.clCreateCommandQueue(owner.context, owner.device, 0, &code);
  auto *handle = reinterpret_cast<DeviceQueue *>(queue);
  if (code != opencl::success) {
    queue->queue = nullptr;
    destroyQueue(handle);
    return failOpenClCall(owner, "clCreateCommandQueue", code, error);
  }
  *out = handle;
  return ORIEL_OK;
}

oriel_status failSize(const OpenClModule &module, uint64_t bytes, oriel_error *error) {
  uint64_t megabytes = (bytes >> 20) + 1;
  return fail(error, ORIEL_OUT_OF_RESOURCES,
              "a run needs %llu MB in one block and the OpenCL device '%s' gives %llu MB: use a "
              "smaller batch",
              static_cast<unsigned long long>(megabytes), module.deviceName,
              static_cast<unsigned long long>(module.mostBytes >> 20));
}

/// Makes the buffer of a block and fills it with zeros.
oriel_status makeBuffer(OpenClQueue &queue, OpenClBlock &block, oriel_error *error) {
  const OpenClModule &module = *queue.module;
  int32_t code = opencl::success;
  block.buffer = module.cl.clCreateBuffer(module.context, opencl::memoryReadWrite, block.bytes,
                                          nullptr, &code);
  if (code != opencl::success) {
    return failOpenClCall(module, "clCreateBuffer", code, error);
  }
  uint32_t zero = 0;
  code = module.cl.clEnqueueFillBuffer(queue.queue, block.buffer, &zero, sizeof zero, 0,
                                       block.bytes, 0, nullptr, nullptr);
  if (code != opencl::success) {
    module.cl.clReleaseMemObject(block.buffer);
    return failOpenClCall(module, "clEnqueueFillBuffer", code, error);
  }
  return ORIEL_OK;
}

oriel_status allocate(DeviceQueue *handle, uint64_t bytes, void **address, oriel_error *error) {
  OpenClQueue &queue = *unwrap(handle);
  if (bytes > queue.module->mostBytes || bytes > queue.module->memoryBytes) {
    return failSize(*queue.module, bytes, error);
  }
  auto *block = static_cast<OpenClBlock *>(malloc(sizeof(OpenClBlock)));
  if (block == nullptr) {
    return failOpenClHost(error);
  }
  *block = {queue.blocks, nullptr, (bytes + 511) / 512 * 512, nullptr};
  void *reserved =
      mmap(nullptr, block->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) {
    free(block);
    return failOpenClHost(error);
  }
  oriel_status status = makeBuffer(queue, *block, error);
  if (status != ORIEL_OK) {
    munmap(reserved, block->bytes);
    free(block);
    return status;
  }
  block->address = static_cast<uint8_t *>(reserved);
  queue.blocks = block;
  *address = reserved;
  return ORIEL_OK;
}

oriel_status upload(DeviceQueue *handle, void *address, const void *from, uint64_t bytes,
                    oriel_error *error) {
  OpenClQueue &queue = *unwrap(handle);
  uint64_t offset = 0;
  const OpenClBlock *block = findBlock(queue, address, bytes, offset);
  if (block == nullptr) {
    return failOpenClAddress(error);
  }
  int32_t code = queue.module->cl.clEnqueueWriteBuffer(queue.queue, block->buffer, 0, offset, bytes,
                                                       from, 0, nullptr, nullptr);
  return code == opencl::success
             ? ORIEL_OK
             : failOpenClCall(*queue.module, "clEnqueueWriteBuffer", code, error);
}

oriel_status download(DeviceQueue *handle, const void *address, void *to, uint64_t bytes,
                      oriel_error *error) {
  OpenClQueue &queue = *unwrap(handle);
  uint64_t offset = 0;
  const OpenClBlock *block = findBlock(queue, address, bytes, offset);
  if (block == nullptr) {
    return failOpenClAddress(error);
  }
  int32_t code = queue.module->cl.clEnqueueReadBuffer(queue.queue, block->buffer, 0, offset, bytes,
                                                      to, 0, nullptr, nullptr);
  return code == opencl::success
             ? ORIEL_OK
             : failOpenClCall(*queue.module, "clEnqueueReadBuffer", code, error);
}

oriel_status synchronize(DeviceQueue *handle, oriel_error *error) {
  OpenClQueue &queue = *unwrap(handle);
  int32_t code = queue.module->cl.clFinish(queue.queue);
  return code == opencl::success ? ORIEL_OK
                                 : failOpenClCall(*queue.module, "clFinish", code, error);
}

} // namespace

static const DeviceApi api = {
    createModule, destroyModule, parametersOf, createQueue,    destroyQueue,
    allocate,     upload,        download,     launchOnOpenCl, synchronize,
    checkStorage, nullptr,       nullptr,      nullptr,        nullptr,
};

const DeviceApi *oriel::openClApi() { return &api; }
