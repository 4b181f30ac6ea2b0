// oriel-info: shows what is in a module: signature, variants, sizes, kernels and launches.

#include "runtime/data/Npy.h"
#include "tools/support/Tool.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace oriel;
using Json = nlohmann::ordered_json;

namespace {

std::string hexText(const uint8_t (&digest)[32]) {
  std::string text;
  for (uint8_t byte : digest) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

Json tensorJson(const oriel_tensor_info &tensor, int64_t batch) {
  return {{"name", tensor.name},
          {"type", elementTypeName(tensor.element_type)},
          {"shape", shapeAtBatch(tensor, batch)}};
}

Json preprocessingJson(const oriel_image_preprocessing *preprocessing) {
  if (preprocessing == nullptr) {
    return nullptr;
  }
  bool isBicubic = preprocessing->interpolation == ORIEL_INTERPOLATION_BICUBIC;
  return {{"input_size", {3, preprocessing->height, preprocessing->width}},
          {"mean", preprocessing->mean},
          {"std", preprocessing->std},
          {"crop_pct", preprocessing->crop_pct},
          {"interpolation", isBicubic ? "bicubic" : "bilinear"}};
}

Json signatureJson(const oriel_signature &signature) {
  Json inputs = Json::array(), outputs = Json::array(), classes = Json::array();
  for (int32_t i = 0; i < signature.input_count; ++i) {
    inputs.push_back(tensorJson(signature.inputs[i], signature.batch));
  }
  for (int32_t i = 0; i < signature.output_count; ++i) {
    outputs.push_back(tensorJson(signature.outputs[i], signature.batch));
  }
  for (int32_t i = 0; i < signature.class_count; ++i) {
    classes.push_back(signature.class_names[i]);
  }
  return {{"batch", signature.batch},
          {"inputs", inputs},
          {"outputs", outputs},
          {"preprocessing", preprocessingJson(signature.preprocessing)},
          {"class_names", classes}};
}

uint64_t arenaBytesOfOneItem(const oriel_variant &variant) {
  return variant.arena_fixed_bytes + variant.arena_bytes_per_item;
}

Json variantJson(const oriel_variant &variant) {
  char features[512], missing[512];
  oriel_feature_names(variant.required_features, features, sizeof features);
  oriel_feature_names(variant.required_features & ~oriel_cpu_features(), missing, sizeof missing);
  return {{"device", variant.device},
          {"target", variant.target},
          {"precision", variant.storage_type == ORIEL_ELEMENT_F16 ? "f16" : "f32"},
          {"features", features},
          {"missing_features", missing},
          {"batch_min", variant.batch_min},
          {"batch_max", variant.batch_max},
          {"arena_bytes_per_item", arenaBytesOfOneItem(variant)},
          {"scratch_bytes_per_worker", variant.scratch_bytes_per_worker},
          {"kernels", variant.kernel_count},
          {"launches", variant.launch_count}};
}

Json kernelsJson(const oriel_variant &variant) {
  std::vector<int> launches(size_t(variant.kernel_count), 0);
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    launches[size_t(variant.launches[i].kernel)] += 1;
  }
  Json json = Json::array();
  for (int32_t i = 0; i < variant.kernel_count; ++i) {
    json.push_back({{"name", variant.kernels[i].name},
                    {"family", variant.kernels[i].family},
                    {"launches", launches[size_t(i)]}});
  }
  return json;
}

/// Floating-point operations and bytes are of one run at the module's batch.
Json launchesJson(const oriel_variant &variant, int64_t batch) {
  Json json = Json::array();
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    const oriel_launch_info &launch = variant.launches[i];
    json.push_back(
        {{"name", launch.name},
         {"kernel", variant.kernels[launch.kernel].name},
         {"layer", launch.layer},
         {"layers", std::vector<std::string>(launch.layers, launch.layers + launch.layer_count)},
         {"flops", launch.flops_per_item * batch},
         {"bytes", launch.bytes_per_item * batch + launch.parameter_bytes},
         {"moves_only", (launch.flags & ORIEL_LAUNCH_MOVES_ONLY) != 0}});
  }
  return json;
}

/// The variant of `target`; without one that which runs here, or the first where none does.
const oriel_variant &chooseVariant(const oriel_module &module, const std::string &target) {
  const oriel_module_descriptor &descriptor = *oriel_module_describe(&module);
  for (int32_t i = 0; i < descriptor.variant_count; ++i) {
    if (descriptor.variants[i].target == target) {
      return descriptor.variants[i];
    }
  }
  const oriel_variant *here = oriel_module_variant(&module, 0);
  return here != nullptr ? *here : descriptor.variants[0];
}

/// All there is to say. The kernel and launch tables are those of the variant `shown`.
Json moduleJson(const oriel_module &module, const std::string &path, const oriel_variant &shown) {
  const oriel_module_descriptor &descriptor = *oriel_module_describe(&module);
  int64_t batch = descriptor.signature->batch;
  Json variants = Json::array();
  for (int32_t i = 0; i < descriptor.variant_count; ++i) {
    variants.push_back(variantJson(descriptor.variants[i]));
  }
  return {{"model", descriptor.model_name},
          {"compiler_version", descriptor.compiler_version},
          {"abi_version", descriptor.abi_version},
          {"file_bytes", std::filesystem::file_size(path)},
          {"parameter_bytes", descriptor.parameter_size},
          {"parameter_sha256", hexText(descriptor.parameter_sha256)},
          {"signature", signatureJson(*descriptor.signature)},
          {"variants", variants},
          {"target", shown.target},
          {"arena_bytes_per_item", arenaBytesOfOneItem(shown)},
          {"scratch_bytes_per_worker", shown.scratch_bytes_per_worker},
          {"kernels", kernelsJson(shown)},
          {"launches", launchesJson(shown, batch)}};
}

void printTensors(const char *title, const Json &tensors) {
  for (const Json &tensor : tensors) {
    printf("%-12s %s: %s %s\n", title, tensor["name"].get<std::string>().c_str(),
           tensor["type"].get<std::string>().c_str(),
           shapeText(tensor["shape"].get<std::vector<int64_t>>()).c_str());
  }
}

void printText(const Json &json) {
  auto text = [](const Json &value) { return value.get<std::string>(); };
  auto megabytes = [](const Json &value) { return value.get<double>() / 1e6; };
  printf("%-12s %s, compiled by version %s\n", "model", text(json["model"]).c_str(),
         text(json["compiler_version"]).c_str());
  printTensors("input", json["signature"]["inputs"]);
  printTensors("output", json["signature"]["outputs"]);
  if (const Json &preprocessing = json["signature"]["preprocessing"]; !preprocessing.is_null()) {
    printf("%-12s %s\n", "image", preprocessing.dump().c_str());
  }
  printf("%-12s %.2f MB, of which parameters %.2f MB\n", "file", megabytes(json["file_bytes"]),
         megabytes(json["parameter_bytes"]));
  printf("%-12s sha256 %s\n", "parameters", text(json["parameter_sha256"]).c_str());
  for (const Json &variant : json["variants"]) {
    std::string missing = text(variant["missing_features"]);
    printf("%-12s %s %s, %s, batch %s to %s, arena %.2f MB an item, scratch %.2f MB a worker%s\n",
           "variant", text(variant["device"]).c_str(), text(variant["target"]).c_str(),
           text(variant["precision"]).c_str(), variant["batch_min"].dump().c_str(),
           variant["batch_max"].dump().c_str(), megabytes(variant["arena_bytes_per_item"]),
           megabytes(variant["scratch_bytes_per_worker"]),
           missing.empty() ? "" : (", not for this processor, which lacks " + missing).c_str());
  }
  printf("\n%s: %zu launches of %zu kernels\n", text(json["target"]).c_str(),
         json["launches"].size(), json["kernels"].size());
  printf("%-40s %-48s %12s %12s\n", "kernel", "layer", "MFLOP", "MB");
  for (const Json &launch : json["launches"]) {
    printf("%-40s %-48s %12.3f %12.3f%s\n", text(launch["kernel"]).c_str(),
           text(launch["layer"]).c_str(), megabytes(launch["flops"]), megabytes(launch["bytes"]),
           launch["moves_only"].get<bool>() ? "  moves only" : "");
  }
}

} // namespace

int main(int argc, char **argv) {
  std::string modulePath, variant;
  bool isJson = false;
  CLI::App app("Shows what is in a compiled model.", "oriel-info");
  app.footer("Example:\n  oriel-info mobilevit_s.so --json");
  app.add_option("module", modulePath, "The module that oriel-compile wrote")->required();
  app.add_option(
         "--variant", variant,
         "Show the kernels of this target, such as x86-64-v3, not the best for the processor")
      ->type_name("TARGET");
  app.add_flag("--json", isJson, "Print one JSON object");
  return runTool(app, argc, argv, [&] {
    oriel_load_options options = {};
    options.struct_size = sizeof options;
    options.inspect_only = 1;
    options.target = variant.empty() ? nullptr : variant.c_str();
    ModuleHandle module = loadModule(modulePath, options);
    Json json = moduleJson(*module, modulePath, chooseVariant(*module, variant));
    if (isJson) {
      printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    } else {
      printText(json);
    }
  });
}
