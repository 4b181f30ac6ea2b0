#include "StandInCuda.h"

#include "StandInCudaState.h"

#include <cstdio>
#include <cstring>

using namespace oriel::test;
using namespace oriel::test::stand_in;

// Each function is called as the driver's is, so it has its name.
// NOLINTBEGIN(readability-identifier-naming)

#define ENTER(name)                                                                                \
  State &state = State::get();                                                                     \
  std::lock_guard<std::recursive_mutex> lock(state.mutex);                                         \
  if (int32_t code = state.enter(name)) {                                                          \
    return code;                                                                                   \
  }

/// The same for functions that need a current context, and for those that a thread that records
/// must not call.
#define ENTER_CONTEXT(name)                                                                        \
  ENTER(name)                                                                                      \
  if (State::current().empty()) {                                                                  \
    return state.violate(std::string(name) + " without a current context", invalidContext);        \
  }
#define ENTER_NOT_RECORDING(name)                                                                  \
  ENTER_CONTEXT(name)                                                                              \
  if (state.isRecording(std::this_thread::get_id())) {                                             \
    return state.violate(std::string(name) + " while the thread records a stream",                 \
                         captureUnsupported);                                                      \
  }

extern "C" {

int32_t cuInit(uint32_t) {
  ENTER("cuInit")
  state.isInitialized = state.settings["devices"] > 0;
  return state.isInitialized ? success : noDevice;
}

int32_t cuDriverGetVersion(int32_t *version) {
  ENTER("cuDriverGetVersion")
  *version = int32_t(state.settings["driver"]);
  return success;
}

int32_t cuGetErrorName(int32_t code, const char **name) {
  static const std::map<int32_t, const char *> names = {
      {invalidValue, "CUDA_ERROR_INVALID_VALUE"},
      {outOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {noDevice, "CUDA_ERROR_NO_DEVICE"},
      {invalidPtx, "CUDA_ERROR_INVALID_PTX"},
      {invalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
      {illegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {launchFailed, "CUDA_ERROR_LAUNCH_FAILED"},
  };
  auto found = names.find(code);
  *name = found != names.end() ? found->second : nullptr;
  return found != names.end() ? success : invalidValue;
}

int32_t cuDeviceGetCount(int32_t *count) {
  ENTER("cuDeviceGetCount")
  *count = int32_t(state.settings["devices"]);
  return success;
}

int32_t cuDeviceGet(int32_t *device, int32_t ordinal) {
  ENTER("cuDeviceGet")
  *device = ordinal;
  return success;
}

int32_t cuDeviceGetName(char *name, int32_t length, int32_t) {
  ENTER("cuDeviceGetName")
  strncpy(name, "Stand-in", size_t(length));
  return success;
}

int32_t cuDeviceGetAttribute(int32_t *value, int32_t attribute, int32_t) {
  ENTER("cuDeviceGetAttribute")
  int64_t capability = state.settings["capability"];
  *value = int32_t(attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 0);
  return attribute == 75 || attribute == 76 ? success : invalidValue;
}

int32_t cuDevicePrimaryCtxRetain(void **context, int32_t) {
  ENTER("cuDevicePrimaryCtxRetain")
  ++state.contextUses;
  *context = &state;
  return success;
}

int32_t cuDevicePrimaryCtxRelease_v2(int32_t) {
  ENTER("cuDevicePrimaryCtxRelease")
  if (state.contextUses == 0) {
    return state.violate("a context is released too often", invalidContext);
  }
  --state.contextUses;
  return success;
}

int32_t cuCtxPushCurrent_v2(void *context) {
  ENTER("cuCtxPushCurrent")
  if (context != &state || state.contextUses == 0) {
    return state.violate("what is pushed is no context", invalidContext);
  }
  State::current().push_back(context);
  return success;
}

int32_t cuCtxPopCurrent_v2(void **context) {
  ENTER_CONTEXT("cuCtxPopCurrent")
  *context = State::current().back();
  State::current().pop_back();
  return success;
}

int32_t cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  ENTER_NOT_RECORDING("cuMemAlloc")
  uint64_t used = 0;
  for (auto &[begin, memory] : state.memory) {
    used += memory.bytes.size();
  }
  auto limit = uint64_t(state.settings["memory"]) << 20;
  if (bytes > limit || used + bytes > limit) {
    return outOfMemory;
  }
  Memory memory;
  // What is not asked to be zero is not.
  memory.bytes.assign(bytes + 256, 0xa5);
  *address = (reinterpret_cast<uintptr_t>(memory.bytes.data()) + 255) / 256 * 256;
  memory.size = bytes;
  state.memory.emplace(*address, std::move(memory));
  return success;
}

int32_t cuMemFree_v2(uint64_t address) {
  ENTER_NOT_RECORDING("cuMemFree")
  return state.memory.erase(address) == 1
             ? success
             : state.violate("what is freed was not allocated", invalidValue);
}

int32_t cuMemsetD8Async(uint64_t address, uint8_t value, size_t bytes, void *stream) {
  ENTER_CONTEXT("cuMemsetD8Async")
  if (int32_t code = state.checkCopy(stream, address, bytes)) {
    return code;
  }
  memset(reinterpret_cast<void *>(address), value, bytes);
  return success;
}

int32_t cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
  ENTER_CONTEXT("cuMemcpyHtoDAsync")
  if (int32_t code = state.checkCopy(stream, to, bytes)) {
    return code;
  }
  memcpy(reinterpret_cast<void *>(to), from, bytes);
  return success;
}

int32_t cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  ENTER_CONTEXT("cuMemcpyDtoHAsync")
  if (int32_t code = state.checkCopy(stream, from, bytes)) {
    return code;
  }
  memcpy(to, reinterpret_cast<const void *>(from), bytes);
  return success;
}

int32_t cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  ENTER_CONTEXT("cuMemcpyDtoDAsync")
  int32_t code = state.checkCopy(stream, from, bytes);
  if (code == success) {
    code = state.checkCopy(stream, to, bytes);
  }
  if (code == success) {
    memcpy(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes);
  }
  return code;
}

int32_t cuStreamCreate(void **stream, uint32_t) {
  ENTER_CONTEXT("cuStreamCreate")
  state.streams.push_back(std::make_unique<Stream>());
  *stream = state.streams.back().get();
  return success;
}

int32_t cuStreamDestroy_v2(void *stream) {
  ENTER_CONTEXT("cuStreamDestroy")
  return state.erase(state.streams, stream, "stream");
}

int32_t cuStreamSynchronize(void *stream) {
  ENTER_NOT_RECORDING("cuStreamSynchronize")
  Stream *waited = nullptr;
  return state.findStream(stream, waited);
}

int32_t cuStreamBeginCapture_v2(void *stream, int32_t) {
  ENTER_CONTEXT("cuStreamBeginCapture")
  Stream *recorded = nullptr;
  int32_t code = state.findStream(stream, recorded);
  if (code == success && (recorded == nullptr || recorded->isRecording)) {
    code = state.violate("a stream that cannot be recorded", captureUnsupported);
  }
  if (code == success) {
    recorded->isRecording = true;
    recorded->recorder = std::this_thread::get_id();
  }
  return code;
}

int32_t cuStreamEndCapture(void *stream, void **graph) {
  State &state = State::get();
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  int32_t failure = state.enter("cuStreamEndCapture");
  Stream *recorded = nullptr;
  int32_t code = state.findStream(stream, recorded);
  if (code == success && (recorded == nullptr || !recorded->isRecording)) {
    code = state.violate("the end of a record that was not begun", captureUnsupported);
  }
  if (code == success && failure != success) {
    // A driver ends a record that failed, too.
    recorded->isRecording = false;
    recorded->launches.clear();
    return failure;
  }
  if (code == success) {
    recorded->isRecording = false;
    state.graphs.push_back(std::make_unique<Graph>(std::move(recorded->launches)));
    recorded->launches.clear();
    *graph = state.graphs.back().get();
  }
  return code;
}

int32_t cuGraphInstantiateWithFlags(void **instance, void *graph, uint64_t) {
  ENTER_NOT_RECORDING("cuGraphInstantiate")
  state.graphs.push_back(std::make_unique<Graph>(*static_cast<Graph *>(graph)));
  *instance = state.graphs.back().get();
  return success;
}

int32_t cuGraphLaunch(void *instance, void *stream) {
  ENTER_CONTEXT("cuGraphLaunch")
  Stream *on = nullptr;
  int32_t code = state.findStream(stream, on);
  for (const Launch &launch : static_cast<Graph *>(instance)->launches) {
    code = code == success ? state.execute(launch) : code;
  }
  return code;
}

int32_t cuGraphExecDestroy(void *instance) {
  ENTER_CONTEXT("cuGraphExecDestroy")
  return state.erase(state.graphs, instance, "graph");
}

int32_t cuGraphDestroy(void *graph) {
  ENTER_CONTEXT("cuGraphDestroy")
  return state.erase(state.graphs, graph, "graph");
}

int32_t cuLinkCreate_v2(uint32_t count, int32_t *options, void **values, void **linker) {
  ENTER_NOT_RECORDING("cuLinkCreate")
  state.linkers.push_back(std::make_unique<Linker>());
  Linker &made = *state.linkers.back();
  for (uint32_t i = 0; i < count; ++i) {
    if (options[i] == 5) {
      made.log = static_cast<char *>(values[i]);
    } else if (options[i] == 6) {
      made.logBytes = reinterpret_cast<uintptr_t>(values[i]);
    }
  }
  *linker = &made;
  return success;
}

int32_t cuLinkAddData_v2(void *handle, int32_t kind, void *data, size_t bytes, const char *,
                         uint32_t, int32_t *, void **) {
  ENTER_NOT_RECORDING("cuLinkAddData")
  auto *linker = static_cast<Linker *>(handle);
  const char *text = static_cast<const char *>(data);
  if (kind != 1 || bytes == 0 || text[bytes - 1] != '\0') {
    return state.violate("PTX is a text that ends with its zero", invalidValue);
  }
  state.source = text;
  // As much of an assembler as finds the test's mistake.
  if (state.source.find("ret;") == std::string::npos) {
    snprintf(linker->log, linker->logBytes, "ptxas fatal: stand-in found no ret");
    return invalidPtx;
  }
  linker->code = codeMark + state.source;
  return success;
}

int32_t cuLinkComplete(void *handle, void **code, size_t *bytes) {
  ENTER_NOT_RECORDING("cuLinkComplete")
  auto *linker = static_cast<Linker *>(handle);
  *code = linker->code.data();
  *bytes = linker->code.size() + 1;
  return success;
}

int32_t cuLinkDestroy(void *linker) {
  ENTER_CONTEXT("cuLinkDestroy")
  return state.erase(state.linkers, linker, "linker");
}

int32_t cuModuleLoadData(void **module, const void *image) {
  ENTER_NOT_RECORDING("cuModuleLoadData")
  std::string code = static_cast<const char *>(image);
  if (code.rfind(codeMark, 0) != 0) {
    return invalidImage;
  }
  state.modules.push_back(std::make_unique<Module>(code.substr(strlen(codeMark))));
  *module = state.modules.back().get();
  return success;
}

int32_t cuModuleUnload(void *module) {
  ENTER_NOT_RECORDING("cuModuleUnload")
  return state.erase(state.modules, module, "module");
}

int32_t cuModuleGetFunction(void **function, void *handle, const char *name) {
  ENTER_CONTEXT("cuModuleGetFunction")
  auto *module = static_cast<Module *>(handle);
  for (Function &each : module->functions) {
    if (each.name == name) {
      *function = &each;
      return success;
    }
  }
  return notFound;
}

int32_t cuLaunchKernel(void *function, uint32_t gridX, uint32_t gridY, uint32_t gridZ,
                       uint32_t blockX, uint32_t blockY, uint32_t blockZ, uint32_t sharedBytes,
                       void *stream, void **values, void **) {
  ENTER_CONTEXT("cuLaunchKernel")
  Stream *on = nullptr;
  if (int32_t code = state.findStream(stream, on)) {
    return code;
  }
  Launch launch;
  launch.function = static_cast<Function *>(function);
  launch.blocks = {gridX, gridY, gridZ};
  launch.threads = {blockX, blockY, blockZ};
  launch.sharedBytes = sharedBytes;
  for (size_t i = 0; i < launch.function->parameterBytes.size(); ++i) {
    const auto *bytes = static_cast<const uint8_t *>(values[i]);
    launch.values.emplace_back(bytes, bytes + launch.function->parameterBytes[i]);
  }
  if (int32_t code = state.checkLaunch(launch)) {
    return code;
  }
  if (on != nullptr && on->isRecording) {
    on->launches.push_back(std::move(launch));
    return success;
  }
  return state.execute(launch);
}

extern const StandInCuda standInCuda;
const StandInCuda standInCuda = {
    [] { State::get().reset(); },
    [](const char *name, int32_t code, int32_t skip) {
      std::lock_guard<std::recursive_mutex> lock(State::get().mutex);
      State::get().failures[name] = {code, skip};
    },
    [](const char *name) {
      std::lock_guard<std::recursive_mutex> lock(State::get().mutex);
      return State::get().counts[name];
    },
    [] { return State::get().live(); },
    [] { return State::get().violations.c_str(); },
    [] { return State::get().source.c_str(); },
    [](const char *name, int64_t value) {
      std::lock_guard<std::recursive_mutex> lock(State::get().mutex);
      State::get().settings[name] = value;
    },
};

} // extern "C"
// NOLINTEND(readability-identifier-naming)
