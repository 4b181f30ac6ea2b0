#include "runtime/src/BatchSlices.h"

#include "runtime/src/Error.h"

#include <cstdlib>

using namespace oriel;

int32_t oriel::chooseSlice(const oriel_variant &variant, int32_t batch, int32_t workers) {
  uint64_t bytesPerItem = variant.arena_bytes_per_item;
  if (variant.cache_bytes_per_worker == 0 || bytesPerItem == 0) {
    return batch;
  }
  uint64_t fitting = variant.cache_bytes_per_worker * uint64_t(workers) / bytesPerItem;
  int32_t items = fitting < uint64_t(batch) ? int32_t(fitting) : batch;
  while (items > 1 && batch % items != 0) {
    --items;
  }
  return items > 1 ? items : 1;
}

BatchSlices::~BatchSlices() {
  free(sliceInputs);
  free(sliceOutputs);
}

oriel_status BatchSlices::create(const oriel_signature &signature, int32_t batch, int32_t items,
                                 oriel_error *error) {
  this->signature = &signature;
  itemCount = items;
  sliceCount = batch / items;
  // One more, as a module may have none.
  sliceInputs =
      static_cast<const void **>(calloc(size_t(signature.input_count) + 1, sizeof(void *)));
  sliceOutputs = static_cast<void **>(calloc(size_t(signature.output_count) + 1, sizeof(void *)));
  if (sliceInputs == nullptr || sliceOutputs == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a context: free some");
  }
  return ORIEL_OK;
}

static uint64_t bytesPerItem(const oriel_tensor_info &tensor) {
  uint64_t bytes = tensor.element_type == ORIEL_ELEMENT_U8 ? 1 : sizeof(float);
  for (int32_t i = 1; i < tensor.rank; ++i) {
    bytes *= uint64_t(tensor.dims[i]);
  }
  return bytes;
}

void BatchSlices::enter(int32_t index, const void *const *inputs, void *const *outputs,
                        oriel_call &call) {
  uint64_t first = uint64_t(index) * uint64_t(itemCount);
  for (int32_t i = 0; i < signature->input_count; ++i) {
    sliceInputs[i] =
        static_cast<const uint8_t *>(inputs[i]) + first * bytesPerItem(signature->inputs[i]);
  }
  for (int32_t i = 0; i < signature->output_count; ++i) {
    sliceOutputs[i] =
        static_cast<uint8_t *>(outputs[i]) + first * bytesPerItem(signature->outputs[i]);
  }
  call.inputs = sliceInputs;
  call.outputs = sliceOutputs;
}
