// Kernels on an OpenCL device: programs, their arguments, launches.

#include "runtime/src/Error.h"
#include "runtime/src/OpenClState.h"

using namespace oriel;

namespace {

class MutexScope {
public:
  explicit MutexScope(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~MutexScope() { pthread_mutex_unlock(&mutex); }
  MutexScope(const MutexScope &) = delete;
  MutexScope &operator=(const MutexScope &) = delete;

private:
  pthread_mutex_t &mutex;
};

/// The first line of what the driver's compiler said.
oriel_status failBuild(const OpenClModule &module, void *program, oriel_error *error) {
  char log[256] = {};
  // A longer log is not cut off but refused; the error is worth reporting without it.
  module.cl.clGetProgramBuildInfo(program, module.device, opencl::programBuildLog, sizeof log - 1,
                                  log, nullptr);
  return fail(error, ORIEL_DEVICE_FAILED,
              "the OpenCL device '%s' does not compile the module's kernels (%s): update its "
              "driver, or run on the device cpu",
              module.deviceName, log[0] != '\0' ? log : "see --dump-ir's kernels/*.cl");
}

oriel_status findProgram(OpenClModule &module, const char *source, void *&program,
                         oriel_error *error) {
  MutexScope scope(module.mutex);
  program = module.programs.find(keyOf(source), 0);
  if (program != nullptr) {
    return ORIEL_OK;
  }
  const OpenClLibrary &cl = module.cl;
  int32_t code = opencl::success;
  program = cl.clCreateProgramWithSource(module.context, 1, &source, nullptr, &code);
  if (code != opencl::success) {
    return failOpenClCall(module, "clCreateProgramWithSource", code, error);
  }
  code = cl.clBuildProgram(program, 1, &module.device, "-cl-std=CL1.2", nullptr, nullptr);
  oriel_status status = ORIEL_OK;
  if (code != opencl::success) {
    status = failBuild(module, program, error);
  } else if (!module.programs.insert(keyOf(source), 0, program)) {
    status = failOpenClHost(error);
  }
  if (status != ORIEL_OK) {
    cl.clReleaseProgram(program);
  }
  return status;
}

oriel_status findKernel(OpenClQueue &queue, const oriel_kernel_launch &launch, void *&kernel,
                        oriel_error *error) {
  kernel = queue.kernels.find(keyOf(launch.source), keyOf(launch.entry));
  if (kernel != nullptr) {
    return ORIEL_OK;
  }
  void *program = nullptr;
  oriel_status status = findProgram(*queue.module, launch.source, program, error);
  if (status != ORIEL_OK) {
    return status;
  }
  int32_t code = opencl::success;
  kernel = queue.module->cl.clCreateKernel(program, launch.entry, &code);
  if (code != opencl::success) {
    return failOpenClCall(*queue.module, "clCreateKernel", code, error);
  }
  if (!queue.kernels.insert(keyOf(launch.source), keyOf(launch.entry), kernel)) {
    queue.module->cl.clReleaseKernel(kernel);
    return failOpenClHost(error);
  }
  return ORIEL_OK;
}

/// The buffer of a parameter.
oriel_status findConstant(OpenClModule &module, const void *address, uint64_t bytes, void *&buffer,
                          oriel_error *error) {
  uint64_t offset = keyOf(address) - keyOf(module.parameters);
  if (offset > module.parameterBytes || bytes > module.parameterBytes - offset) {
    return failOpenClAddress(error);
  }
  MutexScope scope(module.mutex);
  buffer = module.constants.find(keyOf(address), bytes);
  if (buffer != nullptr) {
    return ORIEL_OK;
  }
  int32_t code = opencl::success;
  buffer = module.cl.clCreateBuffer(module.context, opencl::memoryReadOnly | opencl::memoryCopyHost,
                                    bytes, const_cast<void *>(address), &code);
  if (code != opencl::success) {
    return failOpenClCall(module, "clCreateBuffer", code, error);
  }
  if (!module.constants.insert(keyOf(address), bytes, buffer)) {
    module.cl.clReleaseMemObject(buffer);
    return failOpenClHost(error);
  }
  return ORIEL_OK;
}

oriel_status findPart(OpenClQueue &queue, const void *address, uint64_t bytes, void *&part,
                      oriel_error *error) {
  part = queue.parts.find(keyOf(address), bytes);
  if (part != nullptr) {
    return ORIEL_OK;
  }
  uint64_t offset = 0;
  const OpenClBlock *block = findBlock(queue, address, bytes, offset);
  if (block == nullptr) {
    return findConstant(*queue.module, address, bytes, part, error);
  }
  if (offset % queue.module->alignment != 0) {
    return failOpenClAddress(error);
  }
  opencl::BufferRegion region = {offset, bytes};
  int32_t code = opencl::success;
  part = queue.module->cl.clCreateSubBuffer(block->buffer, opencl::memoryReadWrite,
                                            opencl::bufferRegion, &region, &code);
  if (code != opencl::success) {
    return failOpenClCall(*queue.module, "clCreateSubBuffer", code, error);
  }
  if (!queue.parts.insert(keyOf(address), bytes, part)) {
    queue.module->cl.clReleaseMemObject(part);
    return failOpenClHost(error);
  }
  return ORIEL_OK;
}

oriel_status setArguments(OpenClQueue &queue, void *kernel, const oriel_kernel_launch &launch,
                          oriel_error *error) {
  const OpenClLibrary &cl = queue.module->cl;
  for (int32_t i = 0; i < launch.argument_count; ++i) {
    const oriel_kernel_argument &argument = launch.arguments[i];
    void *part = nullptr;
    if (argument.is_buffer != 0) {
      oriel_status status = findPart(queue, argument.data, argument.size, part, error);
      if (status != ORIEL_OK) {
        return status;
      }
    }
    bool isBuffer = argument.is_buffer != 0;
    int32_t code = cl.clSetKernelArg(kernel, uint32_t(i), isBuffer ? sizeof part : argument.size,
                                     isBuffer ? &part : argument.data);
    if (code != opencl::success) {
      return failOpenClCall(*queue.module, "clSetKernelArg", code, error);
    }
  }
  // Behind them stands the memory that a block shares, be it used or not.
  size_t sharedBytes = launch.shared_bytes > 0 ? size_t(launch.shared_bytes) : 1;
  int32_t code = cl.clSetKernelArg(kernel, uint32_t(launch.argument_count), sharedBytes, nullptr);
  return code == opencl::success ? ORIEL_OK
                                 : failOpenClCall(*queue.module, "clSetKernelArg", code, error);
}

} // namespace

oriel_status oriel::launchOnOpenCl(DeviceQueue *handle, const oriel_kernel_launch &launch,
                                   oriel_error *error) {
  OpenClQueue &queue = *unwrap(handle);
  void *kernel = nullptr;
  oriel_status status = findKernel(queue, launch, kernel, error);
  if (status == ORIEL_OK) {
    status = setArguments(queue, kernel, launch, error);
  }
  if (status != ORIEL_OK) {
    return status;
  }
  size_t global[3], local[3];
  for (int i = 0; i < 3; ++i) {
    local[i] = size_t(launch.threads[i]);
    global[i] = size_t(launch.blocks[i]) * local[i];
  }
  int32_t code = queue.module->cl.clEnqueueNDRangeKernel(queue.queue, kernel, 3, nullptr, global,
                                                         local, 0, nullptr, nullptr);
  return code == opencl::success
             ? ORIEL_OK
             : failOpenClCall(*queue.module, "clEnqueueNDRangeKernel", code, error);
}
