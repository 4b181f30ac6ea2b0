// A batch in equal slices, computed one after the other in one arena.
//
// What a launch stores for a few items is still in a near cache when the next launch reads it; the
// arena of a large batch is not. (Measured on Zen 4: Swin-T and MobileViT, whose arenas are of 3 to
// 7 MB an item, take 1.02 to 1.1 times as long at batch 8 as a whole.) All slices are equal, as
// places in the arena, and with them the zeros that prepare_workspace leaves, depend on their size.

#ifndef ORIEL_RUNTIME_SRC_BATCHSLICES_H
#define ORIEL_RUNTIME_SRC_BATCHSLICES_H

#include "oriel/runtime.h"

namespace oriel {

/// The largest divisor of `batch` whose arena `workers` near caches hold, or 1; all of the batch
/// where the variant would not have it sliced.
int32_t chooseSlice(const oriel_variant &variant, int32_t batch, int32_t workers);

class BatchSlices {
public:
  BatchSlices() = default;
  BatchSlices(const BatchSlices &) = delete;
  BatchSlices &operator=(const BatchSlices &) = delete;
  ~BatchSlices();

  /// `items`, the size of a slice, must divide `batch`. The signature must outlive this.
  oriel_status create(const oriel_signature &signature, int32_t batch, int32_t items,
                      oriel_error *error);
  int32_t count() const { return sliceCount; }
  int32_t items() const { return itemCount; }

  /// Gives `call` the inputs and outputs of slice `index` of the caller's.
  void enter(int32_t index, const void *const *inputs, void *const *outputs, oriel_call &call);

private:
  const oriel_signature *signature = nullptr;
  int32_t sliceCount = 0, itemCount = 0;
  /// Where the slice's inputs and outputs lie.
  const void **sliceInputs = nullptr;
  void **sliceOutputs = nullptr;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_BATCHSLICES_H
