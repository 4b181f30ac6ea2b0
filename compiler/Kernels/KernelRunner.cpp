//===- KernelRunner.cpp - Loads and runs a compiled kernel ----------------===//

#include "compiler/Kernels/KernelRunner.h"

#include "HalideRuntime.h"
#include "compiler/Kernels/DeviceBuffers.h"
#include "compiler/Target/EmbeddedShims.h"
#include "runtime/format/Float16.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <limits>
#include <optional>
#include <sys/mman.h>
#include <thread>

using namespace oriel;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static constexpr size_t pageBytes = 4096;

/// Elements of a buffer for a batch, halo and padding included.
static int64_t storedElements(const BufferLayout &layout, int64_t batch) {
  int64_t stored = layout.isParameter ? bytes(layout) : bytesPerItem(layout) * batch;
  return stored / layout.elementBytes();
}

KernelBuffer::KernelBuffer(const BufferLayout &layout, int64_t batch)
    : layout(layout), batch(batch), elements(storedElements(layout, batch)) {
  int64_t slack = layout.exact || layout.isParameter ? 0 : arenaSlackRows * layout.pitch;
  auto size = static_cast<size_t>((elements + slack) * layout.elementBytes());
  // Other memory than the caller's is aligned, so the page that faults is up to a line behind it.
  size_t rounded = layout.exact ? size : (size + 63) / 64 * 64;
  mappedBytes = (rounded + pageBytes - 1) / pageBytes * pageBytes + 2 * pageBytes;
  mapping = mmap(nullptr, mappedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *first = static_cast<char *>(mapping) + pageBytes,
       *end = first + mappedBytes - 2 * pageBytes;
  mprotect(first, static_cast<size_t>(end - first), PROT_READ | PROT_WRITE);
  host = reinterpret_cast<std::byte *>(end - rounded);
  hostBytes = size;
  // All bits set: not a number of either width.
  std::memset(first, 0xff, static_cast<size_t>(end - first));
}

KernelBuffer::~KernelBuffer() { munmap(mapping, mappedBytes); }

float KernelBuffer::read(int64_t offset) const {
  switch (layout.element) {
  case ElementType::F32:
    return reinterpret_cast<const float *>(host)[offset];
  case ElementType::F16:
    return fromFloat16(reinterpret_cast<const uint16_t *>(host)[offset]);
  case ElementType::U8:
    return static_cast<float>(host[offset]);
  }
  llvm_unreachable("unknown element type");
}

void KernelBuffer::write(int64_t offset, float value) {
  switch (layout.element) {
  case ElementType::F32:
    reinterpret_cast<float *>(host)[offset] = value;
    return;
  case ElementType::F16:
    reinterpret_cast<uint16_t *>(host)[offset] = toFloat16(value);
    return;
  case ElementType::U8:
    host[offset] = static_cast<std::byte>(value);
    return;
  }
  llvm_unreachable("unknown element type");
}

/// Calls function(offset of the element in memory, position of the element in the tensor).
template <typename Function>
void KernelBuffer::forEach(Function function) const {
  llvm::SmallVector<int64_t> shape(layout.shape);
  auto dimensions = dimensionsOf(layout);
  if (!layout.isParameter) {
    shape[0] = batch;
  }
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t position = 0, count = countElements(shape); position < count; ++position) {
    int64_t offset = 0;
    if (layout.isParameter && layout.packed && shape.size() != 1) {
      int64_t o = index[0], width = 16;
      if (shape.size() == 2) {
        offset = (o / width * shape[1] + index[1]) * width + o % width;
      } else if (layout.storage.size() == 3) {
        offset = (index[2] * shape[3] + index[3]) * layout.storage[2] + o;
      } else {
        offset = (((o / width * shape[2] + index[2]) * shape[3] + index[3]) * shape[1] + index[1]) *
                     width +
                 o % width;
      }
    } else {
      for (size_t i = 0; i < shape.size(); ++i) {
        const Dimension &dimension = dimensions[shape.size() - 1 - i];
        offset += (index[i] - dimension.min) * dimension.stride;
      }
    }
    function(offset, position);
    for (size_t i = shape.size(); i-- > 0;) {
      if (++index[i] < shape[i]) {
        break;
      }
      index[i] = 0;
    }
  }
}

void KernelBuffer::store(const Tensor &tensor) {
  // The padding of rows within a halo is not read, so zeros everywhere will do there.
  if (layout.isParameter || layout.hasHalo()) {
    std::memset(host, 0, static_cast<size_t>(elements * layout.elementBytes()));
  }
  forEach([&](int64_t offset, int64_t position) {
    write(offset, tensor.values[static_cast<size_t>(position)]);
  });
}

Tensor KernelBuffer::load() const {
  std::vector<int64_t> shape(layout.shape.begin(), layout.shape.end());
  shape[0] = batch;
  Tensor tensor = Tensor::zeros(shape);
  forEach([&](int64_t offset, int64_t position) {
    tensor.values[static_cast<size_t>(position)] = read(offset);
  });
  return tensor;
}

bool KernelBuffer::bordersAreIntact() const {
  // Everything that is not a stored row must be as it was: unset.
  std::vector<bool> isRow(static_cast<size_t>(elements), false);
  forEach([&](int64_t offset, int64_t) {
    int64_t begin = offset / layout.pitch * layout.pitch;
    std::fill(isRow.begin() + begin, isRow.begin() + begin + layout.pitch, true);
  });
  isRow.resize(static_cast<size_t>(elements + (layout.exact ? 0 : arenaSlackRows * layout.pitch)));
  for (int64_t i = 0; i < static_cast<int64_t>(isRow.size()); ++i) {
    if (!isRow[static_cast<size_t>(i)] && !std::isnan(read(i))) {
      return false;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

double oriel::threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

namespace oriel {
class HelperThread {
public:
  HelperThread() : thread([this] { serve(); }) {}
  ~HelperThread() {
    generation.store(-1);
    generation.notify_one();
    thread.join();
  }

  /// Tasks [0, count) in two halves, one on each thread; worker 0 is the caller.
  int32_t run(int32_t count, oriel_task_fn task, void *arg) {
    job = {task, arg, count / 2, count};
    done.store(false);
    generation.fetch_add(1);
    generation.notify_one();
    double begin = threadSeconds();
    int32_t result = runRange(task, arg, 0, count / 2, 0);
    double own = threadSeconds() - begin;
    while (!done.load(std::memory_order_acquire)) {
      std::this_thread::yield();
    }
    // What the caller's clock counts is its own half and the wait.
    correction += std::max(own, helperSeconds) - (threadSeconds() - begin);
    return result != 0 ? result : helperResult;
  }

  /// Adds to the caller's processor time to give that of the critical path.
  double correction = 0;

private:
  struct Job {
    oriel_task_fn task;
    void *arg;
    int32_t begin, end;
  };

  static int32_t runRange(oriel_task_fn task, void *arg, int32_t begin, int32_t end,
                          int32_t worker) {
    int32_t result = 0;
    for (int32_t i = begin; i < end && result == 0; ++i) {
      result = task(arg, i, worker);
    }
    return result;
  }

  void serve() {
    int seen = 0;
    while (true) {
      for (int spin = 0; spin < 20000 && generation.load() == seen; ++spin) {
        __builtin_ia32_pause();
      }
      generation.wait(seen);
      seen = generation.load();
      if (seen < 0) {
        return;
      }
      double begin = threadSeconds();
      helperResult = runRange(job.task, job.arg, job.begin, job.end, 1);
      helperSeconds = threadSeconds() - begin;
      done.store(true, std::memory_order_release);
    }
  }

  std::atomic<int> generation{0};
  std::atomic<bool> done{true};
  Job job{};
  int32_t helperResult = 0;
  double helperSeconds = 0;
  std::thread thread;
};
} // namespace oriel

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

struct LoadedKernel::Scratch {
  std::unique_ptr<uint8_t[]> memory[2];
};

namespace {
/// A temporary file, gone with the object.
class TemporaryFile {
public:
  TemporaryFile(llvm::StringRef suffix, llvm::StringRef content) {
    int descriptor = 0;
    if (!llvm::sys::fs::createTemporaryFile("kernel", suffix, descriptor, path)) {
      llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << content;
    }
  }
  ~TemporaryFile() {
    // What cannot be removed is left in the folder for temporary files.
    llvm::consumeError(llvm::errorCodeToError(llvm::sys::fs::remove(path)));
  }
  TemporaryFile(const TemporaryFile &) = delete;

  llvm::SmallString<64> path;
};
} // namespace

/// Links an object and the modules' shims to a library in a temporary file and loads it.
static llvm::Expected<void *> linkAndLoad(const std::string &object) {
  TemporaryFile objectFile("o", object), shims("o", kernelShimsObject()), library("so", "");
  if (library.path.empty()) {
    return llvm::createStringError("cannot make a temporary file; set TMPDIR to a writable folder");
  }
  llvm::StringRef arguments[] = {"ld.lld-22",     "-shared",  "-o", library.path,
                                 objectFile.path, shims.path, "-z", "noexecstack"};
  int status = llvm::sys::ExecuteAndWait(ORIEL_LLD, arguments);
  void *loaded = status == 0 ? dlopen(library.path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (!loaded) {
    return llvm::createStringError(status == 0 ? dlerror() : "ld.lld failed");
  }
  return loaded;
}

llvm::Expected<std::unique_ptr<LoadedKernel>> LoadedKernel::load(CompiledKernel kernel,
                                                                 const std::string &name) {
  auto library = linkAndLoad(kernel.object);
  if (!library) {
    return library.takeError();
  }
  std::unique_ptr<LoadedKernel> loaded(new LoadedKernel);
  loaded->library = *library;
  loaded->entry = dlsym(*library, name.c_str());
  if (!loaded->entry) {
    return llvm::createStringError("the object does not define " + name);
  }
  loaded->scratch = std::make_unique<Scratch>();
  loaded->compiled = std::move(kernel);
  for (auto &memory : loaded->scratch->memory) {
    memory.reset(new (std::align_val_t(64))
                     uint8_t[static_cast<size_t>(loaded->compiled.scratchBytes) + 64]);
  }
  return loaded;
}

LoadedKernel::~LoadedKernel() {
  if (library) {
    dlclose(library);
  }
}

using Buffers = llvm::ArrayRef<halide_buffer_t *>;

template <size_t... index>
static int callWith(void *entry, oriel_worker *worker, Buffers buffers,
                    std::index_sequence<index...>) {
  auto *function =
      reinterpret_cast<int (*)(void *, std::decay_t<decltype(buffers[index])>...)>(entry);
  return function(worker, buffers[index]...);
}

/// Calls an entry of `count` to 16 buffers.
template <size_t count = 2>
static int callEntry(void *entry, oriel_worker *worker, Buffers buffers) {
  if constexpr (count <= 16) {
    return buffers.size() == count
               ? callWith(entry, worker, buffers, std::make_index_sequence<count>())
               : callEntry<count + 1>(entry, worker, buffers);
  }
  llvm_unreachable("no kernel has so many buffers");
}

static halide_type_t typeOf(ElementType element) {
  auto bits = static_cast<uint8_t>(8 * bytesOf(element));
  return {element == ElementType::U8 ? halide_type_uint : halide_type_float, bits, 1};
}

int LoadedKernel::callAt(llvm::ArrayRef<KernelBuffer *> buffers, llvm::ArrayRef<void *> addresses,
                         oriel_worker *worker) {
  std::vector<halide_buffer_t> descriptors(buffers.size());
  std::vector<std::vector<halide_dimension_t>> dimensions(buffers.size());
  llvm::SmallVector<halide_buffer_t *> arguments;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    for (const Dimension &dimension : dimensionsOf(buffer->getLayout())) {
      dimensions[index].emplace_back(dimension.min, dimension.extent, dimension.stride);
    }
    if (!buffer->getLayout().isParameter) {
      dimensions[index].back().extent = static_cast<int32_t>(buffer->getBatch());
    }
    halide_buffer_t &descriptor = descriptors[index];
    std::memset(&descriptor, 0, sizeof descriptor);
    descriptor.host = static_cast<uint8_t *>(addresses[index]);
    descriptor.type = typeOf(buffer->getLayout().element);
    descriptor.dimensions = static_cast<int32_t>(dimensions[index].size());
    descriptor.dim = dimensions[index].data();
    arguments.push_back(&descriptor);
  }
  return callEntry(entry, worker, arguments);
}

std::string LoadedKernel::run(llvm::ArrayRef<KernelBuffer *> buffers, int threads) {
  std::string error;
  if (threads > 1 && !helper) {
    helper = std::make_unique<HelperThread>();
  }
  oriel_worker workers[2] = {};
  oriel_call call = {};
  call.struct_size = sizeof call;
  call.batch = 1;
  call.workers = workers;
  call.worker_count = threads;
  call.pool = helper.get();
  call.parallel_for = [](void *pool, int32_t count, oriel_task_fn task, void *arg) {
    return static_cast<HelperThread *>(pool)->run(count, task, arg);
  };
  call.error_sink = &error;
  call.report_error = [](void *sink, const char *message) {
    *static_cast<std::string *>(sink) = message;
  };
  call.overflow_scratch = [](void *sink, uint64_t bytes) -> void * {
    *static_cast<std::string *>(sink) = "scratch overflow by a block of " + std::to_string(bytes);
    return new (std::align_val_t(64)) char[bytes];
  };
  for (int i = 0; i < 2; ++i) {
    workers[i].call = &call;
    workers[i].scratch = scratch->memory[i].get();
    workers[i].scratch_size = static_cast<uint64_t>(compiled.scratchBytes);
    workers[i].index = i;
  }

  llvm::SmallVector<void *> addresses;
  std::optional<DeviceBuffers> onDevice;
  if (!compiled.deviceSource.empty()) {
    onDevice.emplace(buffers);
    onDevice->describe(call);
    if (!onDevice->error.empty()) {
      return onDevice->error;
    }
  }
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    addresses.push_back(onDevice ? onDevice->addressOf(index) : buffer->getHost());
  }
  double begin = threadSeconds(), correction = helper ? helper->correction : 0;
  int status = callAt(buffers, addresses, &workers[0]);
  if (onDevice) {
    onDevice->load();
    error = error.empty() ? onDevice->error : error;
  }
  seconds = threadSeconds() - begin + (helper ? helper->correction - correction : 0);
  if (error.empty() && status != 0) {
    error = "the kernel returned " + std::to_string(status);
  }
  if (error.empty() && (workers[0].scratch_used != 0 || workers[1].scratch_used != 0)) {
    error = "the kernel left a block of scratch behind";
  }
  return error;
}
