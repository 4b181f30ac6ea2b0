#include "runtime/src/StoreReader.h"

#include "runtime/format/Float16.h"
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

static void copyRow(const float *from, float *to, int64_t count) {
  memcpy(to, from, size_t(count) * sizeof(float));
}

static void copyRow(const uint16_t *from, float *to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    to[i] = fromFloat16(from[i]);
  }
}

/// Copies element by element position, the last dimension as a row: `from` is strided, `to` dense.
template <typename Element>
static void copyRows(const oriel_store_info &store, int32_t dimension, int64_t batch,
                     const Element *from, float *&to) {
  int64_t extent = dimension == 0 ? batch : store.dims[dimension];
  if (dimension == store.rank - 1) {
    copyRow(from, to, extent);
    to += extent;
    return;
  }
  for (int64_t i = 0; i < extent; ++i) {
    copyRows(store, dimension + 1, batch, from + i * store.strides[dimension], to);
  }
}

/// Copies all of a store, whose first element is at `from`.
static void copyStore(const oriel_store_info &store, int64_t batch, const void *from, float *to) {
  if (store.element_type == ORIEL_ELEMENT_F16) {
    copyRows(store, 0, batch, static_cast<const uint16_t *>(from), to);
  } else {
    copyRows(store, 0, batch, static_cast<const float *>(from), to);
  }
}

/// Bytes from a store's first element to behind its last.
static uint64_t spanBytes(const oriel_store_info &store, int64_t batch) {
  int64_t last = 0;
  for (int32_t i = 0; i < store.rank; ++i) {
    last += ((i == 0 ? batch : store.dims[i]) - 1) * store.strides[i];
  }
  return uint64_t(last + 1) *
         (store.element_type == ORIEL_ELEMENT_F16 ? sizeof(uint16_t) : sizeof(float));
}

oriel_status StoreReader::read(const oriel_store_info &store, float *values, oriel_error *error) {
  const auto *base =
      static_cast<const uint8_t *>(store.output >= 0 ? call.outputs[store.output] : call.arena);
  const uint8_t *first =
      base + store.arena_bytes + store.arena_bytes_per_item * uint64_t(call.batch);
  if (device == nullptr) {
    copyStore(store, call.batch, first, values);
    return ORIEL_OK;
  }
  uint64_t bytes = spanBytes(store, call.batch);
  void *copy = malloc(bytes);
  if (copy == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "no memory to read what a layer stores: use a smaller batch");
  }
  oriel_status status = device->read(first, copy, bytes, error);
  if (status == ORIEL_OK) {
    copyStore(store, call.batch, copy, values);
  }
  free(copy);
  return status;
}
