//===- ModuleRun.cpp - Runs a module and reads what each launch stores ----===//

#include "tools/oriel-compare/ModuleRun.h"

using namespace oriel;

ModuleRun::ModuleRun(const std::string &path, const std::string &target, int64_t batch,
                     int threads) {
  oriel_load_options load = {};
  load.struct_size = sizeof load;
  load.target = target.c_str();
  module = loadModule(path, load);
  oriel_context_options options = {};
  options.struct_size = sizeof options;
  options.batch = static_cast<int32_t>(batch);
  options.threads = threads;
  // The listener gets what a launch stores for all items.
  options.slice = options.batch;
  options.launch_end = onLaunchEnd;
  options.hook_arg = this;
  context = createContext(*module, options);
}

std::vector<Tensor> ModuleRun::readStores(int32_t launch) {
  const oriel_launch_info &info = oriel_context_variant(context.get())->launches[launch];
  std::vector<Tensor> stored;
  for (int32_t i = 0; i < info.store_count; ++i) {
    const oriel_store_info &store = info.stores[i];
    std::vector<int64_t> shape(store.dims, store.dims + store.rank);
    shape[0] = oriel_context_batch(context.get());
    stored.push_back(Tensor::zeros(shape));
    oriel_error error;
    if (oriel_context_read_store(context.get(), launch, i, stored.back().values.data(), &error) !=
        ORIEL_OK) {
      throw ToolError(error.message);
    }
  }
  return stored;
}

// Called by compiled code, which exceptions must not pass.
void ModuleRun::onLaunchEnd(void *run, int32_t launch) {
  auto &self = *static_cast<ModuleRun *>(run);
  if (self.failure) {
    return;
  }
  try {
    (*self.listener)(launch, self.readStores(launch));
  } catch (...) {
    self.failure = std::current_exception();
  }
}

void ModuleRun::run(std::span<const Tensor> inputs, const Listener &listen) {
  const oriel_signature &signature = *oriel_module_describe(module.get())->signature;
  std::vector<std::vector<uint8_t>> pixels(inputs.size());
  std::vector<const void *> inputPointers;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (signature.inputs[i].element_type == ORIEL_ELEMENT_U8) {
      pixels[i].assign(inputs[i].values.begin(), inputs[i].values.end());
      inputPointers.push_back(pixels[i].data());
    } else {
      inputPointers.push_back(inputs[i].values.data());
    }
  }
  std::vector<std::vector<float>> outputs;
  std::vector<void *> outputPointers;
  for (int32_t i = 0; i < signature.output_count; ++i) {
    outputs.emplace_back(
        size_t(oriel_context_batch(context.get()) * elementsPerItem(signature.outputs[i])));
    outputPointers.push_back(outputs.back().data());
  }
  listener = &listen;
  oriel_error error;
  oriel_status status =
      oriel_context_run(context.get(), inputPointers.data(), outputPointers.data(), &error);
  listener = nullptr;
  if (failure) {
    std::rethrow_exception(std::exchange(failure, nullptr));
  }
  if (status != ORIEL_OK) {
    throw ToolError(error.message);
  }
}
