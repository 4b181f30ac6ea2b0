#include "runtime/src/DeviceRun.h"

#include "runtime/src/Error.h"
#include "runtime/src/Module.h"

#include <cstdlib>

using namespace oriel;

DeviceRun::~DeviceRun() {
  if (queue != nullptr) {
    api->destroyQueue(queue);
  }
  free(places);
  free(addresses);
}

oriel_status DeviceRun::allocate(uint64_t bytes, void **address, oriel_error *error) {
  totalBytes += bytes;
  return api->allocate(queue, bytes, address, error);
}

oriel_status DeviceRun::makePlaces(const oriel_tensor_info *tensors, int32_t count, int32_t batch,
                                   Place *ofTensors, void **ofCall, oriel_error *error) {
  for (int32_t i = 0; i < count; ++i) {
    uint64_t bytes = tensors[i].element_type == ORIEL_ELEMENT_U8 ? 1 : sizeof(float);
    bytes *= uint64_t(batch);
    for (int32_t j = 1; j < tensors[i].rank; ++j) {
      bytes *= uint64_t(tensors[i].dims[j]);
    }
    oriel_status status = allocate(bytes, &ofCall[i], error);
    if (status != ORIEL_OK) {
      return status;
    }
    ofTensors[i] = {ofCall[i], bytes};
  }
  return ORIEL_OK;
}

oriel_status DeviceRun::create(oriel_module &owner, const oriel_variant &variant, int32_t batch,
                               void *stream, bool isDeviceMemory, oriel_error *error) {
  const oriel_signature &signature = *owner.descriptor->signature;
  const Device &device = *findDevice(variant.device);
  api = device.api();
  if (api->copyOnDevice == nullptr && (stream != nullptr || isDeviceMemory)) {
    return fail(
        error, ORIEL_INVALID_ARGUMENT,
        "the device %s takes inputs and outputs in the program's memory and no stream: leave "
        "on_device and stream out, or use the device cuda",
        device.name);
  }
  hasCallersStream = stream != nullptr;
  this->isDeviceMemory = isDeviceMemory;
  inputCount = signature.input_count;
  outputCount = signature.output_count;
  size_t count = size_t(inputCount) + size_t(outputCount);
  places = static_cast<Place *>(calloc(count, sizeof(Place)));
  addresses = static_cast<void **>(calloc(count, sizeof(void *)));
  if (places == nullptr || addresses == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a context: free some");
  }
  // Wide enough for whatever sizes a module may ask for.
  auto arenaBytes = variant.arena_fixed_bytes +
                    static_cast<unsigned __int128>(variant.arena_bytes_per_item) * uint32_t(batch);
  if (arenaBytes > PTRDIFF_MAX) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "no device has the memory for batch %d: use a smaller one", batch);
  }
  oriel_status status = openOnDevice(owner, device, &module, error);
  if (status == ORIEL_OK && api->checkStorage != nullptr) {
    status = api->checkStorage(module, variant.storage_type, error);
  }
  if (status == ORIEL_OK) {
    status = api->createQueue(module, stream, &queue, error);
  }
  if (status == ORIEL_OK) {
    status = allocate(arenaBytes == 0 ? 1 : uint64_t(arenaBytes), &arena, error);
  }
  if (status == ORIEL_OK) {
    status = makePlaces(signature.inputs, inputCount, batch, places, addresses, error);
  }
  if (status == ORIEL_OK) {
    status = makePlaces(signature.outputs, outputCount, batch, places + inputCount,
                        addresses + inputCount, error);
  }
  return status;
}

void DeviceRun::describe(oriel_call &call) const {
  call.inputs = addresses;
  call.outputs = addresses + inputCount;
  call.parameters = api->parameters(module);
  call.arena = arena;
}

oriel_status DeviceRun::upload(const void *const *inputs, oriel_error *error) {
  oriel_status status = ORIEL_OK;
  for (int32_t i = 0; i < inputCount && status == ORIEL_OK; ++i) {
    auto *copy = isDeviceMemory ? api->copyOnDevice : api->upload;
    status = copy(queue, places[i].address, inputs[i], places[i].bytes, error);
  }
  return status;
}

oriel_status DeviceRun::download(void *const *outputs, oriel_error *error) {
  oriel_status status = ORIEL_OK;
  for (int32_t i = 0; i < outputCount && status == ORIEL_OK; ++i) {
    const Place &place = places[inputCount + i];
    status = isDeviceMemory
                 ? api->copyOnDevice(queue, outputs[i], place.address, place.bytes, error)
                 : api->download(queue, place.address, outputs[i], place.bytes, error);
  }
  return status;
}

oriel_status DeviceRun::read(const void *address, void *to, uint64_t bytes, oriel_error *error) {
  oriel_status status = api->download(queue, address, to, bytes, error);
  return status == ORIEL_OK ? api->synchronize(queue, error) : status;
}
