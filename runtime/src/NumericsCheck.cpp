#include "runtime/src/NumericsCheck.h"

#include "runtime/src/Error.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace oriel;

NumericsCheck::~NumericsCheck() {
  free(findings);
  free(values);
}

oriel_status NumericsCheck::create(const oriel_variant &variant, const oriel_signature &signature,
                                   int32_t batch, oriel_call &call, DeviceRun *device,
                                   oriel_error *error) {
  this->variant = &variant;
  this->signature = &signature;
  this->batch = batch;
  this->call = &call;
  this->device = device;
  int64_t largest = 1;
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    const oriel_launch_info &launch = variant.launches[i];
    for (int32_t j = 0; j < launch.store_count; ++j) {
      int64_t count = elementsPerItem(launch.stores[j]);
      largest = count > largest ? count : largest;
    }
  }
  findings = static_cast<oriel_nonfinite *>(calloc(size_t(batch), sizeof(oriel_nonfinite)));
  values = static_cast<float *>(malloc(size_t(call.batch) * size_t(largest) * sizeof(float)));
  if (findings == nullptr || values == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "no memory to check what layers store: use a smaller batch");
  }
  launchEnd = call.launch_end;
  hookArgument = call.hook_arg;
  call.launch_end = endLaunch;
  call.hook_arg = this;
  return ORIEL_OK;
}

void NumericsCheck::beginRun(const void *const *inputs) {
  memset(findings, 0, size_t(batch) * sizeof(oriel_nonfinite));
  firstItem = 0;
  readError = {};
  for (int32_t i = 0; inputs != nullptr && i < signature->input_count; ++i) {
    const oriel_tensor_info &input = signature->inputs[i];
    if (input.element_type != ORIEL_ELEMENT_F32) {
      continue;
    }
    int64_t count = 1;
    for (int32_t j = 1; j < input.rank; ++j) {
      count *= input.dims[j];
    }
    const auto *item = static_cast<const float *>(inputs[i]);
    for (int32_t j = 0; j < batch; ++j, item += count) {
      if (int64_t element = findNonfinite(item, count); element >= 0) {
        note(j, -1, i, element, item[element]);
      }
    }
  }
}

oriel_status NumericsCheck::endRun(oriel_error *error) const {
  if (readError.status != ORIEL_OK) {
    return fail(error, readError.status, "%s", readError.message);
  }
  for (int32_t i = 0; i < batch; ++i) {
    if (const oriel_nonfinite *found = finding(i); found != nullptr) {
      return fail(error, ORIEL_NOT_FINITE, "item %d: %s", i, found->message);
    }
  }
  return ORIEL_OK;
}

const oriel_nonfinite *NumericsCheck::finding(int32_t item) const {
  bool isFound = item >= 0 && item < batch && findings[item].message[0] != '\0';
  return isFound ? &findings[item] : nullptr;
}

void NumericsCheck::endLaunch(void *check, int32_t launch) {
  auto &self = *static_cast<NumericsCheck *>(check);
  if (self.readError.status == ORIEL_OK) {
    self.checkLaunch(launch);
  }
  if (self.launchEnd != nullptr) {
    self.launchEnd(self.hookArgument, launch);
  }
}

void NumericsCheck::checkLaunch(int32_t launch) {
  StoreReader reader(*call, device);
  for (int32_t i = 0; i < variant->launches[launch].store_count; ++i) {
    const oriel_store_info &store = variant->launches[launch].stores[i];
    oriel_error error = {};
    if (reader.read(store, values, &error) != ORIEL_OK) {
      readError = error;
      return;
    }
    int64_t count = elementsPerItem(store);
    for (int32_t item = 0; item < call->batch; ++item) {
      const float *ofItem = values + item * count;
      int64_t element = findNonfinite(ofItem, count);
      if (element >= 0 && finding(firstItem + item) == nullptr) {
        note(firstItem + item, launch, i, element, ofItem[element]);
      }
    }
  }
}

int64_t NumericsCheck::findNonfinite(const float *values, int64_t count) {
  constexpr uint32_t exponent = 0x7f800000;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    if ((bits & exponent) == exponent) {
      return i;
    }
  }
  return -1;
}

void NumericsCheck::note(int32_t item, int32_t launch, int32_t tensor, int64_t element,
                         float value) {
  oriel_nonfinite &finding = findings[item];
  // Of two inputs the first counts.
  if (finding.message[0] == '\0') {
    finding.launch = launch;
    finding.tensor = tensor;
    finding.element = element;
    finding.value = value;
    describe(finding);
  }
}

/// "[3, 0, 7]": where element `element` of an item with these dimensions lies. `text` has room for
/// 96 characters.
static void printPosition(const int64_t *dims, int32_t rank, int64_t element, char *text) {
  int64_t below = 1;
  for (int32_t i = 1; i < rank; ++i) {
    below *= dims[i];
  }
  constexpr size_t room = 96;
  size_t length = 0;
  text[length++] = '[';
  for (int32_t i = 1; i < rank && length + 24 < room; ++i) {
    below /= dims[i];
    length += size_t(snprintf(text + length, room - length, i == 1 ? "%lld" : ", %lld",
                              static_cast<long long>(element / below)));
    element %= below;
  }
  text[length++] = ']';
  text[length] = '\0';
}

/// ", or 'a', 'b' in the same kernel": the other layers of a launch, as many as there is room for.
static void printOtherLayers(const oriel_launch_info &launch, char *text, size_t room) {
  text[0] = '\0';
  constexpr size_t tailRoom = 32;
  size_t length = 0;
  for (int32_t i = 1; i < launch.layer_count; ++i) {
    const char *format = i == 1 ? ", or '%s'" : ", '%s'";
    size_t needed = strlen(launch.layers[i]) + strlen(format);
    if (length + needed + tailRoom >= room) {
      length += size_t(snprintf(text + length, room - length, ", ..."));
      break;
    }
    length += size_t(snprintf(text + length, room - length, format, launch.layers[i]));
  }
  if (length > 0) {
    snprintf(text + length, room - length, " in the same kernel,");
  }
}

void NumericsCheck::describe(oriel_nonfinite &finding) const {
  const char *value = __builtin_isnan(finding.value) ? "a NaN"
                      : finding.value > 0            ? "+infinity"
                                                     : "-infinity";
  char position[96];
  if (finding.launch < 0) {
    const oriel_tensor_info &input = signature->inputs[finding.tensor];
    printPosition(input.dims, input.rank, finding.element, position);
    snprintf(finding.message, sizeof finding.message,
             "the input '%.64s' holds %s at %s: give finite values", input.name, value, position);
    return;
  }
  const oriel_launch_info &launch = variant->launches[finding.launch];
  const oriel_store_info &store = launch.stores[finding.tensor];
  printPosition(store.dims, store.rank, finding.element, position);
  char others[200];
  printOtherLayers(launch, others, sizeof others);
  snprintf(finding.message, sizeof finding.message,
           "layer '%.100s'%s makes %s of finite values, at %s (%.32s, kernel %.32s): look at its "
           "weights, and at how large its inputs are",
           launch.layer, others, value, position, launch.name,
           variant->kernels[launch.kernel].name);
}
