// Looks for the launch that first stores a NaN or an infinity.
//
// The bits of all that a launch stores are tested after it, so that kernels stay as they are: an
// exponent of all ones (IEEE 754-2019, 3.4).

#ifndef ORIEL_RUNTIME_SRC_NUMERICSCHECK_H
#define ORIEL_RUNTIME_SRC_NUMERICSCHECK_H

#include "runtime/src/StoreReader.h"

namespace oriel {

class NumericsCheck {
public:
  NumericsCheck() = default;
  NumericsCheck(const NumericsCheck &) = delete;
  NumericsCheck &operator=(const NumericsCheck &) = delete;
  ~NumericsCheck();

  /// Puts itself between `call`, which is complete, and the hook that it has. `device` is null for
  /// a context on the processor; a run is of `batch` items, a call of a slice of them.
  oriel_status create(const oriel_variant &variant, const oriel_signature &signature, int32_t batch,
                      oriel_call &call, DeviceRun *device, oriel_error *error);
  bool isOn() const { return findings != nullptr; }

  /// Looks at the inputs, in the caller's memory, before a run; nullptr: they are the device's, and
  /// what they hold shows in the first launch.
  void beginRun(const void *const *inputs);
  /// Before the launches of slice `index`.
  void beginSlice(int32_t index) { firstItem = isOn() ? index * call->batch : 0; }
  /// What happened in the run: ORIEL_NOT_FINITE with the text of the first item that is to blame,
  /// or the error of a store that could not be read.
  oriel_status endRun(oriel_error *error) const;

  /// What was found for an item of the last run, or nullptr.
  const oriel_nonfinite *finding(int32_t item) const;

private:
  static void endLaunch(void *check, int32_t launch);
  void checkLaunch(int32_t launch);
  /// The first element of an item of `values` that is not finite, or -1.
  static int64_t findNonfinite(const float *values, int64_t count);
  void note(int32_t item, int32_t launch, int32_t tensor, int64_t element, float value);
  void describe(oriel_nonfinite &finding) const;

  const oriel_variant *variant = nullptr;
  const oriel_signature *signature = nullptr;
  const oriel_call *call = nullptr;
  DeviceRun *device = nullptr;
  int32_t batch = 0;
  /// Of the slice that is computed.
  int32_t firstItem = 0;
  /// One for each item; `message` is empty where nothing was found.
  oriel_nonfinite *findings = nullptr;
  /// Room for the largest store.
  float *values = nullptr;
  oriel_error readError = {};
  /// What the call had before.
  void (*launchEnd)(void *, int32_t) = nullptr;
  void *hookArgument = nullptr;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_NUMERICSCHECK_H
