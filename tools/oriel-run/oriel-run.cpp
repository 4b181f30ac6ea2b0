// oriel-run: runs a compiled model on arrays or photographs.

#include "oriel/data.h"
#include "runtime/data/Npy.h"
#include "tools/oriel-run/Profile.h"
#include "tools/oriel-run/Report.h"
#include "tools/support/Labels.h"
#include "tools/support/Tool.h"

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

using namespace oriel;

namespace {

struct Options {
  std::string modulePath;
  std::string inputPath;
  std::vector<std::string> imagePaths;
  std::string outputPath;
  std::string labelsPath;
  std::string hiddenFeatures;
  std::string variant;
  std::string device;
  std::string profilePath, tracePath;
  bool profile = false;
  int64_t top = 5;
  int threads = 0;
  int repeat = 1;
  bool verify = false;
  bool checkNumerics = false;
  bool json = false;
};

/// The items to run, in order.
class Input {
public:
  Input(const Options &options, const oriel_signature &signature)
      : options(options), signature(signature) {
    if (options.inputPath.empty()) {
      transform.emplace(signature);
    } else {
      readArray();
    }
  }

  int64_t size() const {
    return options.inputPath.empty() ? int64_t(options.imagePaths.size()) : array.shape[0];
  }
  std::string name(int64_t item) const {
    return options.inputPath.empty() ? options.imagePaths[size_t(item)]
                                     : options.inputPath + "[" + std::to_string(item) + "]";
  }

  /// `batch` items from `first` on; those past the end repeat the last one.
  const void *batchFrom(int64_t first, int64_t batch) {
    int64_t itemSize = bytesPerItem(signature.inputs[0]);
    if (options.inputPath.empty()) {
      buffer.resize(size_t(batch * itemSize));
      for (int64_t i = 0; i < batch; ++i) {
        std::byte *item = buffer.data() + i * itemSize;
        if (first + i < size()) {
          readPhotograph(first + i, item);
        } else {
          std::copy(item - itemSize, item, item);
        }
      }
      return buffer.data();
    }
    return array.bytes.data() + first * itemSize;
  }

private:
  void readArray() {
    std::string error;
    array.elementType = signature.inputs[0].element_type;
    if (!readNpy(options.inputPath, array, error)) {
      throw ToolError(error);
    }
    int64_t batch = signature.batch;
    std::vector<int64_t> wanted = shapeAtBatch(signature.inputs[0], batch);
    bool fits = array.shape.size() == wanted.size() && array.shape[0] > 0 &&
                array.shape[0] % batch == 0 &&
                std::equal(wanted.begin() + 1, wanted.end(), array.shape.begin() + 1);
    if (!fits) {
      throw ToolError("'" + options.inputPath + "' has shape " + shapeText(array.shape) +
                      ", the model takes " + shapeText(wanted) + ": give an array whose first " +
                      "dimension is a multiple of " + std::to_string(batch) +
                      " and whose others are the same");
    }
  }

  void readPhotograph(int64_t index, std::byte *item) {
    data::Tensor input = (*transform)(data::readImage(options.imagePaths[size_t(index)]));
    std::copy(input.bytes.begin(), input.bytes.end(), item);
  }

  const Options &options;
  const oriel_signature &signature;
  std::optional<data::ImageTransform> transform;
  data::Tensor array;
  std::vector<std::byte> buffer;
};

struct Results {
  /// Dimension 0 is the number of items.
  FloatArray logits;
  std::vector<double> milliseconds;
  /// What --check-numerics says of items, by their position.
  std::map<int64_t, std::string> nonfinite;
};

/// One more run, which nothing times, for the counters.
void count(oriel_context &context, const void *values, std::vector<float> &output,
           Counters &counters) {
  counters.start(oriel_context_variant(&context)->launch_count);
  runContext(context, values, output.data());
  counters.stop();
}

Results runAll(const Options &options, Input &input, const oriel_signature &signature,
               oriel_context &context, Profile *profile, Counters *counters) {
  int64_t batch = oriel_context_batch(&context);
  int64_t itemSize = elementsPerItem(signature.outputs[0]);
  Results results;
  results.logits.shape = shapeAtBatch(signature.outputs[0], input.size());
  std::vector<float> output(size_t(batch * itemSize));
  for (int64_t first = 0; first < input.size(); first += batch) {
    const void *values = input.batchFrom(first, batch);
    // Not measured: the first run finds caches cold and threads asleep.
    if (profile != nullptr && first == 0) {
      runContext(context, values, output.data());
    }
    for (int i = 0; i < options.repeat; ++i) {
      auto start = std::chrono::steady_clock::now();
      runContext(context, values, output.data());
      std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      results.milliseconds.push_back(time.count());
      if (profile != nullptr) {
        profile->addRun();
      }
    }
    if (counters != nullptr && first + batch >= input.size()) {
      count(context, values, output, *counters);
    }
    int64_t used = std::min(batch, input.size() - first);
    for (int64_t i = 0; i < used; ++i) {
      if (const oriel_nonfinite *found = oriel_context_nonfinite(&context, int32_t(i))) {
        results.nonfinite[first + i] = found->message;
      }
    }
    results.logits.values.insert(results.logits.values.end(), output.begin(),
                                 output.begin() + used * itemSize);
  }
  return results;
}

/// The best classes of every item; nothing where the output is not a vector per item.
std::vector<std::vector<ClassScore>> rankClasses(const Options &options, const Results &results,
                                                 const oriel_signature &signature) {
  std::vector<std::vector<ClassScore>> ranked;
  if (signature.outputs[0].rank == 2) {
    int64_t classes = signature.outputs[0].dims[1];
    std::vector<std::string> names = classNames(options.labelsPath, signature, classes);
    for (int64_t i = int64_t(names.size()); i < classes; ++i) {
      names.push_back(std::to_string(i));
    }
    for (int64_t item = 0; item < results.logits.shape[0]; ++item) {
      ranked.push_back(
          topClasses(results.logits.values.data() + item * classes, names, options.top));
    }
  }
  return ranked;
}

void printText(const Input &input, const Results &results,
               const std::vector<std::vector<ClassScore>> &ranked, const oriel_context &context) {
  for (size_t item = 0; item < ranked.size(); ++item) {
    printf("%s\n", resultLine(input.name(int64_t(item)), ranked[item]).c_str());
  }
  printf("latency: %.3f ms (median of %zu, batch %d, threads %d)\n",
         quantile(results.milliseconds, 0.5), results.milliseconds.size(),
         oriel_context_batch(&context), oriel_context_threads(&context));
}

void printJson(const oriel_module &module, const Input &input, const Results &results,
               const std::vector<std::vector<ClassScore>> &ranked, const oriel_context &context) {
  int32_t batch = oriel_context_batch(&context);
  nlohmann::ordered_json json = {
      {"model", oriel_module_describe(&module)->model_name},
      {"target", oriel_context_variant(&context)->target},
      {"batch", batch},
      {"threads", oriel_context_threads(&context)},
      {"items", input.size()},
      {"runs", results.milliseconds.size()},
      {"median_ms", quantile(results.milliseconds, 0.5)},
      {"min_ms", quantile(results.milliseconds, 0.0)},
      {"output_shape", results.logits.shape},
      {"results", nlohmann::ordered_json::array()},
  };
  for (size_t item = 0; item < ranked.size(); ++item) {
    json["results"].push_back(resultJson(input.name(int64_t(item)), ranked[item]));
    if (auto found = results.nonfinite.find(int64_t(item)); found != results.nonfinite.end()) {
      json["results"].back()["not_finite"] = found->second;
    }
  }
  // Names of files need not be UTF-8.
  auto replace = nlohmann::ordered_json::error_handler_t::replace;
  printf("%s\n", json.dump(2, ' ', false, replace).c_str());
}

/// Names each item that is not finite; throws if there is one.
void reportNumerics(const Input &input, const Results &results) {
  for (const auto &[item, message] : results.nonfinite) {
    fprintf(stderr, "%s: %s\n", input.name(item).c_str(), message.c_str());
  }
  if (!results.nonfinite.empty()) {
    throw ToolError(std::to_string(results.nonfinite.size()) + " of " +
                    std::to_string(input.size()) + " inputs gave NaN or infinity: see above");
  }
}

void writeProfile(const Options &options, const Profile &profile, const oriel_context &context,
                  const std::string &model) {
  constexpr size_t printedDepth = 3;
  if (!options.tracePath.empty()) {
    writeJson(options.tracePath, profile.trace(model));
  }
  if (!options.profile) {
    return;
  }
  Peaks peaks = measurePeaks(*oriel_context_variant(&context), oriel_context_threads(&context));
  nlohmann::ordered_json summary = profile.summary(model, peaks);
  // What CLI11 gives a flag without a value.
  if (options.profilePath != "true") {
    writeJson(options.profilePath, summary);
  } else if (!options.json) {
    fputs(describeProfile(summary, printedDepth).c_str(), stdout);
  }
}

void run(const Options &options) {
  oriel_load_options loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  loadOptions.verify_parameters = options.verify;
  loadOptions.hidden_features = parseFeatures(options.hiddenFeatures);
  loadOptions.target = options.variant.empty() ? nullptr : options.variant.c_str();
  ModuleHandle module = loadModule(options.modulePath, loadOptions);
  const oriel_signature &signature = singleTensorSignature(*module);
  Input input(options, signature);
  oriel_context_options contextOptions = {};
  contextOptions.struct_size = sizeof contextOptions;
  contextOptions.threads = options.threads;
  contextOptions.device = options.device.empty() ? nullptr : options.device.c_str();
  contextOptions.check_numerics = options.checkNumerics;
  contextOptions.profile = options.profile || !options.tracePath.empty();
  // Before the context, whose threads are to be counted.
  std::optional<Counters> counters;
  if (contextOptions.profile != 0) {
    counters.emplace();
    contextOptions.launch_begin = Counters::beginLaunch;
    contextOptions.launch_end = Counters::endLaunch;
    contextOptions.hook_arg = &*counters;
  }
  ContextHandle context = createContext(*module, contextOptions);
  std::optional<Profile> profile;
  if (counters) {
    profile.emplace(*context, *counters);
  }
  Results results = runAll(options, input, signature, *context, profile ? &*profile : nullptr,
                           options.profile ? &*counters : nullptr);
  std::vector<std::vector<ClassScore>> ranked = rankClasses(options, results, signature);
  std::string error;
  if (!options.outputPath.empty() && !writeNpy(options.outputPath, results.logits, error)) {
    throw ToolError(error);
  }
  if (profile) {
    writeProfile(options, *profile, *context, oriel_module_describe(module.get())->model_name);
  }
  if (options.json) {
    printJson(*module, input, results, ranked, *context);
  } else {
    printText(input, results, ranked, *context);
  }
  reportNumerics(input, results);
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Runs a compiled model on an array or on photographs.", "oriel-run");
  app.footer("Example:\n  oriel-run mobilevit_s.so --image cat.jpg dog.png --top 3");
  app.add_option("module", options.modulePath, "The module that oriel-compile wrote")->required();
  auto *source = app.add_option_group("source", "What to run it on, one of");
  source->add_option(
      "--input", options.inputPath,
      "A .npy file of the model's input type, float32 or uint8; its first dimension is a "
      "multiple of the batch");
  source->add_option("--image", options.imagePaths, "JPEG, PNG or WebP photographs");
  source->require_option(1);
  app.add_option("--output", options.outputPath, "Write the outputs of all items to a .npy file");
  app.add_option("--labels", options.labelsPath, "A text file with one class name a line");
  app.add_option("--top", options.top, "Classes to print for each item")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads to use; all processors without it")
      ->check(CLI::Range(1, 256));
  app.add_option("--repeat", options.repeat, "Runs of each batch")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--hide-features", options.hiddenFeatures,
                 "Treat these processor features as missing, such as avx2,avx512f");
  app.add_option(
         "--variant", options.variant,
         "Run the variant of this target, such as x86-64-v3, not the best for the processor")
      ->type_name("TARGET");
  app.add_option(
      "--device", options.device,
      "Run on this device, cpu, cuda or opencl, for which the module has a variant; without it "
      "on the processor, where it has one for that");
  // A flag, not an option, so that it takes a value behind "=" only and leaves the module alone.
  auto *profile = app.add_flag("--profile", options.profilePath,
                               "Measure each kernel and print where the time goes; --profile=FILE "
                               "writes it as JSON");
  app.add_option("--trace", options.tracePath,
                 "Write the runs' time line to this file, for Perfetto or Chrome's about:tracing")
      ->type_name("FILE");
  app.add_flag("--check-numerics", options.checkNumerics,
               "Name the layer that first makes a NaN or an infinity, for each input");
  app.add_flag("--verify", options.verify, "Compare the parameters with their hash first");
  app.add_flag("--json", options.json, "Print one JSON object");
  return runTool(app, argc, argv, [&] {
    options.profile = profile->count() > 0;
    run(options);
  });
}
