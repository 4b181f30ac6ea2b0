#include "runtime/src/StoreReader.h"

#include "runtime/src/Error.h"

#include <cstdlib>
#include <cstring>

using namespace oriel;

int64_t oriel::elementsPerItem(const oriel_store_info &store) {
  int64_t count = 1;
  for (int32_t i = 1; i < store.rank; ++i) {
    count *= store.dims[i];
  }
  return count;
}

/// Copies element by element position, the last dimension as a row: `from` is strided, `to` dense.
static void copyRows(const oriel_store_info &store, int32_t dimension, int64_t batch,
                     const float *from, float *&to) {
  int64_t extent = dimension == 0 ? batch : store.dims[dimension];
  if (dimension == store.rank - 1) {
    memcpy(to, from, size_t(extent) * sizeof(float));
    to += extent;
    return;
  }
  for (int64_t i = 0; i < extent; ++i) {
    copyRows(store, dimension + 1, batch, from + i * store.strides[dimension], to);
  }
}

/// Bytes from a store's first element to behind its last.
static uint64_t spanBytes(const oriel_store_info &store, int64_t batch) {
  int64_t last = 0;
  for (int32_t i = 0; i < store.rank; ++i) {
    last += ((i == 0 ? batch : store.dims[i]) - 1) * store.strides[i];
  }
  return uint64_t(last + 1) * sizeof(float);
}

oriel_status StoreReader::read(const oriel_store_info &store, float *values, oriel_error *error) {
  const auto *base =
      static_cast<const uint8_t *>(store.output >= 0 ? call.outputs[store.output] : call.arena);
  const uint8_t *first =
      base + store.arena_bytes + store.arena_bytes_per_item * uint64_t(call.batch);
  if (device == nullptr) {
    copyRows(store, 0, call.batch, reinterpret_cast<const float *>(first), values);
    return ORIEL_OK;
  }
  uint64_t bytes = spanBytes(store, call.batch);
  auto *copy = static_cast<float *>(malloc(bytes));
  if (copy == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "no memory to read what a layer stores: use a smaller batch");
  }
  oriel_status status = device->read(first, copy, bytes, error);
  if (status == ORIEL_OK) {
    copyRows(store, 0, call.batch, copy, values);
  }
  free(copy);
  return status;
}
