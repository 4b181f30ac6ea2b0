#include "runtime/src/Module.h"

#include "runtime/src/Device.h"
#include "runtime/src/Error.h"
#include "runtime/src/ModuleFile.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

using namespace oriel;

namespace {

/// Writes a name for the open file `fd` to `path` that no earlier load has used.
///
/// The dynamic linker takes a name that it has seen for the library it saw there, and descriptors'
/// numbers come back: load A as 5, load A again as 6, release that, load B as 6, and dlopen would
/// give A for "/proc/self/fd/6". So every load spells the same path in its own way: the bits of a
/// counter as "/" or "./".
void uniqueDescriptorPath(int fd, char (&path)[192]) {
  static std::atomic<uint64_t> loads{0};
  uint64_t load = loads.fetch_add(1, std::memory_order_relaxed);
  char *end = path + snprintf(path, sizeof path, "/proc/self/");
  for (int bit = 0; bit < 64; ++bit) {
    if ((load >> bit & 1) != 0) {
      *end++ = '.';
    }
    *end++ = '/';
  }
  snprintf(end, size_t(path + sizeof path - end), "fd/%d", fd);
}

/// Opens the checked file as code and asks it for its tables.
oriel_status openCode(const char *path, oriel_module &module, oriel_error *error) {
  char descriptorPath[192];
  uniqueDescriptorPath(module.fd, descriptorPath);
  module.library = dlopen(descriptorPath, RTLD_NOW | RTLD_LOCAL);
  if (module.library == nullptr) {
    const char *reason = dlerror();
    bool hasProc = access("/proc/self/fd", X_OK) == 0;
    return fail(error, ORIEL_OUT_OF_RESOURCES, "cannot open '%s' as code: %s", path,
                hasProc ? reason : "/proc is not mounted: mount it");
  }
  auto query =
      reinterpret_cast<oriel_module_query_fn>(dlsym(module.library, ORIEL_MODULE_QUERY_SYMBOL));
  module.descriptor = query != nullptr ? query(ORIEL_ABI_VERSION) : nullptr;
  if (module.descriptor == nullptr) {
    return fail(
        error, ORIEL_DAMAGED_MODULE,
        "'%s' does not answer oriel_module_query for ABI version %u: compile the model again", path,
        ORIEL_ABI_VERSION);
  }
  return ORIEL_OK;
}

/// Whether the tables list the variants that the note lists.
bool hasVariantsOf(const oriel_module_note &note, const oriel_module_descriptor &descriptor) {
  if (int64_t(note.variant_count) != descriptor.variant_count) {
    return false;
  }
  for (uint32_t i = 0; i < note.variant_count; ++i) {
    const oriel_variant &variant = descriptor.variants[i];
    if (variant.required_features != note.variants[i].required_features ||
        strcmp(variant.target, note.variants[i].target) != 0) {
      return false;
    }
  }
  return true;
}

bool knowsElementsOf(const oriel_tensor_info *tensors, int32_t count) {
  return std::all_of(tensors, tensors + count, [](const oriel_tensor_info &tensor) {
    return tensor.element_type == ORIEL_ELEMENT_F32 || tensor.element_type == ORIEL_ELEMENT_U8;
  });
}

bool knowsStorageOf(const oriel_module_descriptor &descriptor) {
  return std::all_of(descriptor.variants, descriptor.variants + descriptor.variant_count,
                     [](const oriel_variant &variant) {
                       return variant.storage_type == ORIEL_ELEMENT_F32 ||
                              variant.storage_type == ORIEL_ELEMENT_F16;
                     });
}

/// The tables must be those that the note announced.
oriel_status checkDescriptor(const char *path, const oriel_module_note &note,
                             const oriel_module &module, oriel_error *error) {
  const oriel_module_descriptor &descriptor = *module.descriptor;
  bool isSame =
      descriptor.abi_version == note.abi_version && hasVariantsOf(note, descriptor) &&
      descriptor.parameter_size == note.parameter_size &&
      memcmp(descriptor.parameter_sha256, note.parameter_sha256, sizeof note.parameter_sha256) == 0;
  if (!isSame) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (its tables contradict its note): compile the model again", path);
  }
  const oriel_signature &signature = *descriptor.signature;
  if (!knowsElementsOf(signature.inputs, signature.input_count) ||
      !knowsElementsOf(signature.outputs, signature.output_count)) {
    return fail(error, ORIEL_UNSUPPORTED_ABI,
                "'%s' has inputs or outputs of an element type that this runtime (%s) does not "
                "know: update the runtime",
                path, ORIEL_VERSION);
  }
  if (!knowsStorageOf(descriptor)) {
    return fail(error, ORIEL_UNSUPPORTED_ABI,
                "'%s' stores an element type that this runtime (%s) does not know: update the "
                "runtime",
                path, ORIEL_VERSION);
  }
  if (!module.isForInspection && oriel_module_variant(&module, 0) == nullptr) {
    return fail(error, ORIEL_UNSUPPORTED_CPU,
                "'%s' has no variant that runs its own batch on this processor: compile the model "
                "here with --target host",
                path);
  }
  return ORIEL_OK;
}

oriel_status mapParameters(const char *path, const oriel_module_note &note, oriel_module &module,
                           oriel_error *error) {
  if (note.parameter_size == 0) {
    return ORIEL_OK;
  }
  // Read and mapped now, so that the first run is as fast as the others.
  int flags = module.isForInspection ? MAP_PRIVATE : MAP_PRIVATE | MAP_POPULATE;
  void *mapping =
      mmap(nullptr, note.parameter_size, PROT_READ, flags, module.fd, off_t(note.parameter_offset));
  if (mapping == MAP_FAILED) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "cannot map the parameters of '%s': %s", path,
                strerror(errno));
  }
  module.parameters = mapping;
  return ORIEL_OK;
}

void destroy(oriel_module *module) {
  if (module->onDevice != nullptr) {
    module->deviceApi->destroyModule(module->onDevice);
  }
  pthread_mutex_destroy(&module->deviceMutex);
  if (module->parameters != nullptr) {
    munmap(const_cast<void *>(module->parameters), module->descriptor->parameter_size);
  }
  if (module->library != nullptr) {
    dlclose(module->library);
  }
  if (module->fd >= 0) {
    close(module->fd);
  }
  module->~oriel_module();
  free(module);
}

oriel_status load(const char *path, const oriel_load_options &options, oriel_module &module,
                  oriel_error *error) {
  module.hiddenFeatures = options.hidden_features;
  module.isForInspection = options.inspect_only != 0;
  // The query function needs nothing beyond the architecture's baseline.
  uint64_t features =
      module.isForInspection ? ~uint64_t(0) : oriel_cpu_features() & ~options.hidden_features;
  oriel_module_note note;
  oriel_status status = openModuleFile(
      path, {features, options.target, options.verify_parameters != 0}, module.fd, note, error);
  if (status != ORIEL_OK) {
    module.fd = -1;
    return status;
  }
  if (options.target != nullptr) {
    // It fits: it is a target of the note.
    strcpy(module.target, options.target);
  }
  status = openCode(path, module, error);
  if (status == ORIEL_OK) {
    status = checkDescriptor(path, note, module, error);
  }
  if (status == ORIEL_OK) {
    status = mapParameters(path, note, module, error);
  }
  return status;
}

} // namespace

void oriel::retainModule(oriel_module &module) {
  module.references.fetch_add(1, std::memory_order_relaxed);
}

const oriel_variant *oriel::findVariant(const oriel_module &module, const char *deviceName,
                                        int32_t batch) {
  const oriel_module_descriptor &descriptor = *module.descriptor;
  if (batch == 0) {
    batch = descriptor.signature->batch;
  }
  for (int32_t i = 0; i < descriptor.variant_count; ++i) {
    const oriel_variant &variant = descriptor.variants[i];
    const Device *device = findDevice(variant.device);
    bool isWanted = module.target[0] == '\0' || strcmp(variant.target, module.target) == 0;
    bool isOnDevice = deviceName == nullptr || strcmp(variant.device, deviceName) == 0;
    if (isWanted && isOnDevice && device != nullptr && batch >= variant.batch_min &&
        batch <= variant.batch_max &&
        (variant.required_features & ~(device->features() & ~module.hiddenFeatures)) == 0) {
      return &variant;
    }
  }
  return nullptr;
}

oriel_status oriel::openOnDevice(oriel_module &module, const Device &device, DeviceModule **out,
                                 oriel_error *error) {
  pthread_mutex_lock(&module.deviceMutex);
  oriel_status status = ORIEL_OK;
  if (module.onDevice == nullptr) {
    status = device.api()->createModule(module.parameters, module.descriptor->parameter_size,
                                        &module.onDevice, error);
    module.deviceApi = device.api();
  }
  *out = module.onDevice;
  pthread_mutex_unlock(&module.deviceMutex);
  return status;
}

const char *oriel_runtime_version(void) { return ORIEL_VERSION; }

oriel_status oriel_module_load(const char *path, const oriel_load_options *options,
                               oriel_module **out, oriel_error *error) {
  if (path == nullptr || out == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "oriel_module_load needs a path and a place for the "
                "module");
  }
  oriel_load_options known = {};
  if (options != nullptr) {
    size_t size = options->struct_size < sizeof known ? options->struct_size : sizeof known;
    memcpy(&known, options, size);
  }
  void *memory = malloc(sizeof(oriel_module));
  if (memory == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory to load '%s': free some", path);
  }
  oriel_module *module = new (memory) oriel_module();
  oriel_status status = load(path, known, *module, error);
  if (status != ORIEL_OK) {
    destroy(module);
    return status;
  }
  *out = module;
  return ORIEL_OK;
}

void oriel_module_release(oriel_module *module) {
  if (module != nullptr && module->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    destroy(module);
  }
}

const oriel_module_descriptor *oriel_module_describe(const oriel_module *module) {
  return module->descriptor;
}

const oriel_variant *oriel_module_variant(const oriel_module *module, int32_t batch) {
  return findVariant(*module, nullptr, batch);
}
