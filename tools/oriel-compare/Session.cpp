//===- Session.cpp - One run of oriel-compare -----------------------------===//

#include "tools/oriel-compare/Session.h"

#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "tools/oriel-compare/ErrorChart.h"

#include <cstdio>

using namespace mlir;
using namespace oriel;

Session::Session(const CompareOptions &options)
    : options(options), arrays(readInputs(options.inputs)), context(makeCompilerContext()) {}

void Session::loadModel() {
  CompileSource &source = options.source;
  bool isFile = llvm::StringRef(source.model).ends_with(".mlir");
  if (!isFile && !source.batchGiven) {
    source.batch = static_cast<int>(std::min<int64_t>(arrays.getItems().value_or(1), maxBatch));
  }
  caseOptions.compile = unwrap(makeCompileOptions(source));
  caseOptions.compile.takesPixels = !isFile && !arrays.arrays.empty() && arrays.arrays[0].isPixels;
  caseOptions.perturbedKernel = options.perturbedKernel;
  if (!options.otherTarget.empty()) {
    KernelTarget other = unwrap(resolveTarget(options.otherTarget));
    if (other.name == caseOptions.compile.targets[0].name) {
      throw ToolError("--target and --against-target are both " + other.name +
                      ": name another one");
    }
    caseOptions.compile.targets.push_back(other);
  }
  model = unwrap(oriel::loadModel(*context, source));
  check(checkPrecision(*model, caseOptions.compile, source));
  if (!options.reference.empty()) {
    loadReferences();
  }
}

void Session::loadReferences() {
  if (caseOptions.compile.takesPixels) {
    throw ToolError("--reference needs an input of float32: give the normalised images");
  }
  references = readReferences(options.reference, *model);
  CompileSource &source = options.source;
  bool isFile = llvm::StringRef(source.model).ends_with(".mlir");
  if (isFile || source.batchGiven || arrays.arrays.empty()) {
    return;
  }
  // No more items than there are references for.
  int64_t items = 1;
  for (const LayerReference &reference : references) {
    items = std::max(items, reference.items);
  }
  if (items < source.batch) {
    arrays.truncate(items);
    source.batch = static_cast<int>(items);
    model = unwrap(oriel::loadModel(*context, source));
    references = readReferences(options.reference, *model);
  }
}

void Session::loadWeights() {
  auto shapes = collectParameters(*model);
  if (options.source.weights.empty() && !shapes.empty()) {
    throw ToolError("no weights: give --weights with a safetensors file, or random:SEED");
  }
  std::string specification = shapes.empty() ? "random:0" : options.source.weights;
  Weights weights = unwrap(openWeights(specification, shapes));
  if (auto error = weights.binding.formatError()) {
    throw ToolError(*error);
  }
  parameters = std::move(weights.source);
}

void Session::compile() {
  OwningOpRef<ModuleOp> lowered(model->clone());
  lowerCase(*lowered, caseOptions);
  // Before kernels are made, which takes time.
  parts = splitInputs(arrays, *lowered, std::numeric_limits<int64_t>::max());
  compiled = compileCase(std::move(lowered), *parameters, caseOptions, folder);
  for (const ProgramLaunch &launch : compiled.program->getLaunches()) {
    for (Value output : exec::LaunchOp(launch.op).getOutputs()) {
      widths.include(launch.layer, exec::LaunchOp(launch.op).getKernel().str(),
                     shapeOfBuffer(output));
    }
  }
}

bool Session::hear(const ComparisonRow &row, const Activations &stored) {
  fputs(formatRow(row, widths).c_str(), stdout);
  fflush(stdout);
  rows.push_back(row);
  bool isBad = row.difference.verdict == Verdict::Bad;
  if (isBad && !firstBad) {
    firstBad = rows.size() - 1;
    if (!options.reduced.empty()) {
      badLaunch = captureLaunch(*compiled.program, row.launch, stored);
    }
  }
  return !isBad || options.all;
}

void Session::compareReferences() {
  const RunInput &input = parts.front();
  ModuleRun run(compiled.path, caseOptions.compile.targets[0].name, compiled.program->getBatch(),
                options.threads);
  auto located = locateReferences(compiled, *model, *parameters, input, references);
  for (const LayerReference &reference : references) {
    widths.include(reference.name, "", {});
    if (!reference.reason.empty()) {
      printf("%s: not compared: %s\n", reference.name.c_str(), reference.reason.c_str());
    }
  }
  fputs(formatHeading(widths).c_str(), stdout);
  compareWithReferences(
      compiled, run, input, references, located,
      [&](const ComparisonRow &row, const Activations &stored) { return hear(row, stored); });
  if (rows.empty()) {
    throw ToolError("the module stores none of the layers of " + options.reference +
                    ": give outputs of whole blocks");
  }
}

void Session::compareLaunches() {
  const std::string &target = caseOptions.compile.targets[0].name;
  int64_t batch = compiled.program->getBatch();
  ModuleRun run(compiled.path, target, batch, options.threads);
  std::optional<ModuleRun> other;
  if (!options.otherTarget.empty()) {
    other.emplace(compiled.path, caseOptions.compile.targets[1].name, batch, options.threads);
  }
  auto listen = [&](const ComparisonRow &row, const Activations &stored) {
    return hear(row, stored);
  };
  for (const RunInput &part : parts) {
    if (firstBad && !options.all) {
      return;
    }
    if (parts.size() > 1) {
      printf("items from %ld on\n", static_cast<long>(part.firstItem));
    }
    fputs(formatHeading(widths).c_str(), stdout);
    if (other) {
      compareTargets(compiled, {target, &run}, {caseOptions.compile.targets[1].name, &*other}, part,
                     listen);
    } else {
      compareWithInterpreter(compiled, run, part, listen);
    }
  }
}

nlohmann::ordered_json Session::describe() const {
  nlohmann::ordered_json json = {{"version", 1},
                                 {"model", options.source.model},
                                 {"target", caseOptions.compile.targets[0].name},
                                 {"against", "interpreter"},
                                 {"good", !firstBad}};
  if (!options.otherTarget.empty()) {
    json["against"] = caseOptions.compile.targets[1].name;
  } else if (!options.reference.empty()) {
    json["against"] = options.reference;
  }
  json["first_bad"] = firstBad ? nlohmann::ordered_json(*firstBad) : nlohmann::ordered_json();
  json["rows"] = nlohmann::ordered_json::array();
  for (const ComparisonRow &row : rows) {
    json["rows"].push_back(toJson(row));
  }
  json["not_compared"] = nlohmann::ordered_json::array();
  for (const LayerReference &reference : references) {
    if (!reference.reason.empty()) {
      json["not_compared"].push_back({{"name", reference.name}, {"reason", reference.reason}});
    }
  }
  return json;
}

void Session::writeFiles() {
  if (!options.json.empty()) {
    // Names of files need not be UTF-8.
    auto replace = nlohmann::ordered_json::error_handler_t::replace;
    check(writeTextFile(options.json, describe().dump(2, ' ', false, replace) + "\n"));
  }
  if (!options.picture.empty()) {
    bool isSvg = llvm::StringRef(options.picture).ends_with(".svg");
    Chart chart =
        drawErrors(rows, options.source.model + " for " + caseOptions.compile.targets[0].name +
                             " against " + describe()["against"].get<std::string>());
    check(writeTextFile(options.picture, isSvg ? renderSvg(chart) : renderPng(chart)));
  }
}

void Session::reduce() {
  SavedCase written =
      reduceLaunch(options.reduced, *compiled.module, *badLaunch, *parameters, caseOptions);
  printf("wrote %s", options.reduced.c_str());
  for (const std::string &input : written.inputs) {
    printf(", %s", input.c_str());
  }
  printf("%s%s\noriel-compare %s shows it\n", written.weights.empty() ? "" : ", ",
         written.weights.c_str(), options.reduced.c_str());
}

void Session::conclude() {
  if (firstBad) {
    throw ToolError(describeBad(rows[*firstBad]));
  }
  printf("all %zu are good\n", rows.size());
}

void Session::run() {
  loadModel();
  loadWeights();
  compile();
  if (options.reference.empty()) {
    compareLaunches();
  } else {
    compareReferences();
  }
  writeFiles();
  if (badLaunch) {
    reduce();
  }
  conclude();
}
