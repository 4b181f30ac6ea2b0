// oriel-eval: the accuracy of a compiled model on a folder of pictures.

#include "runtime/data/File.h"
#include "tools/oriel-eval/BatchRunner.h"
#include "tools/oriel-eval/ConfusionChart.h"
#include "tools/oriel-eval/Interrupt.h"
#include "tools/oriel-eval/Pictures.h"
#include "tools/oriel-eval/Progress.h"
#include "tools/oriel-eval/Report.h"
#include "tools/support/Labels.h"
#include "tools/support/Tool.h"

#include <climits>
#include <filesystem>
#include <thread>
#include <unistd.h>

using namespace oriel;

namespace {

struct Options {
  std::string modulePath;
  std::string dataPath;
  std::string labelsPath;
  std::string confusionPath;
  std::string predictionsPath;
  int batch = 0;
  int workers = -1;
  int threads = 0;
  size_t limit = 0;
  bool json = false;
};

/// Fails before the work where what is to come of it could not be written.
void checkWritable(const std::string &path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!path.empty() && access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
    throw ToolError("cannot write '" + path + "': " + strerror(errno) + ": give another path");
  }
}

void writeText(const std::string &path, const std::string &content) {
  std::string error;
  if (!writeFile(path, content, error)) {
    throw ToolError(error);
  }
}

/// "a, b, c", at most 20 of them.
std::string joinNames(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), size_t(20)); ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return text + (names.size() > 20 ? ", ..." : "");
}

/// The pictures and the names of their classes, which are the model's, `classCount` in number.
data::ImageList listPictures(const Options &options, const oriel_signature &signature,
                             int64_t classCount) {
  std::vector<std::string> names = classNames(options.labelsPath, signature, classCount);
  bool isNamed = !names.empty();
  data::ImageList list = std::filesystem::is_directory(options.dataPath)
                             ? data::listImageFolder(options.dataPath, std::move(names))
                             : data::readImageList(options.dataPath, std::move(names));
  auto found = int64_t(list.classNames.size());
  if (found > classCount) {
    throw ToolError("'" + options.dataPath + "' has " + std::to_string(found) + " classes (" +
                    joinNames(list.classNames) + "), the model " + std::to_string(classCount) +
                    " without names: give the names of the model's classes with --labels");
  }
  if (!isNamed && found < classCount) {
    fprintf(stderr,
            "oriel-eval: warning: taking the %lld folders for the first of %lld classes: give the "
            "names with --labels\n",
            static_cast<long long>(found), static_cast<long long>(classCount));
  }
  for (int64_t i = found; i < classCount; ++i) {
    list.classNames.push_back(std::to_string(i));
  }
  return list;
}

/// `threads` threads, or the processors that the process may use, in contexts of one each, or more
/// where so many workspaces would be too much memory; one context on a device, which runs a batch
/// at a time.
std::vector<ContextHandle> createContexts(oriel_module &module, int batch, int threads) {
  constexpr uint64_t mostBytes = uint64_t(1) << 30;
  oriel_context_options options = {};
  options.struct_size = sizeof options;
  options.batch = batch;
  options.threads = threads;
  std::vector<ContextHandle> contexts;
  contexts.push_back(createContext(module, options));
  oriel_context &whole = *contexts[0];
  int most = oriel_context_threads(&whole);
  uint64_t fitting = mostBytes / std::max<uint64_t>(oriel_context_workspace_bytes(&whole), 1);
  auto count = int(std::clamp<uint64_t>(fitting, 1, uint64_t(most)));
  if (count == 1 || strcmp(oriel_context_variant(&whole)->device, "cpu") != 0) {
    return contexts;
  }
  options.threads = most / count;
  contexts.clear();
  while (contexts.size() < size_t(count)) {
    contexts.push_back(createContext(module, options));
  }
  return contexts;
}

std::vector<BatchRunner::Run> runsOf(const std::vector<ContextHandle> &contexts,
                                     size_t logitCount) {
  std::vector<BatchRunner::Run> runs;
  runs.reserve(contexts.size());
  for (const ContextHandle &context : contexts) {
    runs.emplace_back([context = context.get(), logitCount](const PictureBatch &batch,
                                                            std::vector<float> &logits) {
      logits.resize(logitCount);
      if (batch.readable.size() > 0) {
        runContext(*context, batch.readable.inputs.data(), logits.data());
      }
    });
  }
  return runs;
}

/// Adds what the model made of a batch.
void addResult(const RunBatch &result, EvaluationRun &run) {
  run.modelSeconds += result.seconds;
  auto classes = size_t(run.evaluation.classCount());
  const PictureBatch &batch = result.batch;
  for (size_t i = 0; i < batch.readable.size(); ++i) {
    run.evaluation.add(predict({result.logits.data() + i * classes, classes},
                               batch.readable.labels[i], batch.readable.indices[i]));
  }
  for (const auto &[picture, error] : batch.failed) {
    run.evaluation.addFailure(picture, error);
  }
}

void evaluate(const Options &options, const oriel_signature &signature,
              const std::vector<ContextHandle> &contexts, EvaluationRun &run) {
  Pictures pictures(run.list, data::ImageTransform(signature));
  auto batch = size_t(run.batch);
  data::SubsetSampler sampler(spreadIndices(pictures.size(), options.limit));
  run.wanted = sampler(0).size();
  // Enough pictures ahead that the workers seldom wake, whatever the batch.
  constexpr size_t leastPicturesAhead = 64, leastBatchesAhead = 4;
  size_t prefetch = std::max(leastBatchesAhead, leastPicturesAhead / batch);
  data::DataLoader loader(pictures, sampler,
                          {.batchSize = batch, .workers = run.workers, .prefetch = prefetch},
                          PictureCollate(batch));
  InterruptScope interrupt;
  Progress progress(run.wanted);
  BatchRunner runner(runsOf(contexts, batch * size_t(run.evaluation.classCount())));
  auto start = std::chrono::steady_clock::now();
  auto addNext = [&] {
    addResult(runner.take(), run);
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    char note[32];
    snprintf(note, sizeof note, "top-1 %.1f%%", 100 * run.evaluation.topAccuracy(1));
    progress.update(run.done(), note);
  };
  for (PictureBatch &pictureBatch : loader) {
    runner.submit(std::move(pictureBatch));
    if (runner.isFull()) {
      addNext();
    }
    if (interrupt.isInterrupted()) {
      break;
    }
  }
  while (runner.size() > 0) {
    addNext();
  }
  run.loadingSeconds = pictures.loadingSeconds();
  run.transformSeconds = pictures.transformSeconds();
}

void writeResults(const Options &options, const EvaluationRun &run) {
  if (!options.predictionsPath.empty()) {
    writeText(options.predictionsPath, predictionsCsv(run));
  }
  if (!options.confusionPath.empty()) {
    Chart chart = drawConfusion(run.evaluation, run.classNames);
    bool isSvg = options.confusionPath.ends_with(".svg");
    writeText(options.confusionPath, isSvg ? renderSvg(chart) : renderPng(chart));
  }
  // Names of files need not be UTF-8.
  auto replace = nlohmann::ordered_json::error_handler_t::replace;
  std::string text =
      options.json ? reportJson(run).dump(2, ' ', false, replace) + "\n" : reportText(run);
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
  if (run.done() < run.wanted) {
    throw ToolError("interrupted after " + std::to_string(run.done()) + " of " +
                    std::to_string(run.wanted) + " pictures: the report is of those");
  }
  if (size_t failed = run.evaluation.failures().size(); failed > 0) {
    throw ToolError(
        std::to_string(failed) + " of " + std::to_string(run.wanted) +
        " pictures could not be read, the first one: " + run.evaluation.failures()[0].error);
  }
}

void run(const Options &options) {
  checkWritable(options.confusionPath);
  checkWritable(options.predictionsPath);
  oriel_load_options loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  ModuleHandle module = loadModule(options.modulePath, loadOptions);
  const oriel_signature &signature = singleTensorSignature(*module);
  if (signature.outputs[0].rank != 2) {
    throw ToolError("the model does not classify: its output has " +
                    std::to_string(signature.outputs[0].rank) + " dimensions instead of 2");
  }
  int64_t classCount = signature.outputs[0].dims[1];
  data::ImageList list = listPictures(options, signature, classCount);
  std::vector<ContextHandle> contexts = createContexts(*module, options.batch, options.threads);
  int batch = oriel_context_batch(contexts[0].get());
  EvaluationRun run = {
      .model = oriel_module_describe(module.get())->model_name,
      .target = oriel_module_variant(module.get(), batch)->target,
      .batch = batch,
      .threads = int(contexts.size()) * oriel_context_threads(contexts[0].get()),
      .workers = options.workers >= 0 ? options.workers
                                      : std::clamp(int(std::thread::hardware_concurrency()), 1, 8),
      .classNames = list.classNames,
      .list = std::move(list),
      .evaluation = Evaluation(classCount),
  };
  evaluate(options, signature, contexts, run);
  writeResults(options, run);
}

std::string checkChartName(const std::string &path) {
  return path.ends_with(".png") || path.ends_with(".svg") ? ""
                                                          : path + " ends in neither .png nor .svg";
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Measures the accuracy of a compiled model on a folder of pictures.", "oriel-eval");
  app.footer("Example:\n  oriel-eval mobilevit_s.so --data imagenet/val --confusion matrix.png");
  app.add_option("module", options.modulePath, "The module that oriel-compile wrote")->required();
  app.add_option("--data", options.dataPath,
                 "A folder with a folder of pictures for each class, or a text file with the path "
                 "of a picture, a tab and its class on each line")
      ->required();
  app.add_option("--labels", options.labelsPath,
                 "A text file with one class name a line; without it the names in the module, or "
                 "else the folders' names, sorted");
  app.add_option("--batch", options.batch, "Images per run; as the module was compiled without it")
      ->check(CLI::Range(1, 4096));
  app.add_option("--workers", options.workers,
                 "Threads that read pictures; one for each processor, up to 8, without it")
      ->check(CLI::Range(0, 256));
  app.add_option("--threads", options.threads,
                 "Threads that run the model, on a batch each; all processors without it")
      ->check(CLI::Range(1, 256));
  app.add_option("--limit", options.limit, "Evaluate only so many pictures, spread evenly")
      ->check(CLI::Range(1, INT_MAX));
  app.add_option("--confusion", options.confusionPath,
                 "Draw the confusion matrix to a .png or .svg file")
      ->check(checkChartName);
  app.add_option("--predictions", options.predictionsPath, "List every picture in a .csv file");
  app.add_flag("--json", options.json, "Print one JSON object");
  return runTool(app, argc, argv, [&] { run(options); });
}
