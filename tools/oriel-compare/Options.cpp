//===- Options.cpp - The command line of oriel-compare --------------------===//

#include "tools/oriel-compare/Options.h"

#include "tools/oriel-compare/SavedCase.h"

using namespace oriel;

static constexpr const char *footer = R"(
Example:
  oriel-compare mobilevit_xxs --weights mobilevit_xxs.safetensors --input images.npy

Each launch of the compiled module is compared with what the interpreter makes of the same inputs, within the
rounding errors that float32 allows the kernel. A .mlir file takes F.safetensors and F.npy beside it for
--weights and --input where these are not given.
Exit code: 0 all layers are good, 1 one is not or the comparison failed, 2 wrong usage.)";

void oriel::addCompareOptions(CLI::App &app, CompareOptions &options) {
  app.footer(footer);
  addModelOptions(app, options.source);
  app.add_option("--input", options.inputs,
                 "a .npy file for each input, of float32, or of uint8 for a model that takes bytes "
                 "(a model of the zoo then does); or random:SEED")
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  addTargetOptions(app, options.source);
  auto *reference = app.add_option("--reference", options.reference,
                                   "compare with the layers' outputs in this safetensors file, by "
                                   "name, NCHW or NHWC, not with the interpreter")
                        ->type_name("FILE");
  auto *other =
      app.add_option("--against-target", options.otherTarget,
                     "compare the module for this target with that for --target, not with the "
                     "interpreter")
          ->check(CLI::IsMember(targetNames()));
  reference->excludes(other);
  app.add_flag("--all", options.all, "go on after the first bad layer");
  app.add_option("--reduce", options.reduced,
                 "write a minimal F.mlir that shows the first bad layer, with F.safetensors and "
                 "F.npy that it needs")
      ->type_name("F.mlir")
      ->excludes(reference)
      ->excludes(other);
  app.add_option("--picture", options.picture, "draw the layers' errors: .svg or .png")
      ->type_name("FILE");
  app.add_option("--json", options.json, "write all of it as JSON")->type_name("FILE");
  app.add_option("--threads", options.threads, "threads to run on; all processors without it")
      ->check(CLI::Range(1, 256));
  app.add_option("--perturb-kernel", options.perturbedKernel,
                 "to test comparisons: make this kernel of the module compute one element wrong")
      ->type_name("NAME");
}

static bool isFile(const CompareOptions &options) {
  return llvm::StringRef(options.source.model).ends_with(".mlir");
}

void oriel::finishCompareOptions(const CLI::App &app, CompareOptions &options) {
  finishSource(app, options.source);
  if (options.source.model.empty()) {
    throw CLI::ValidationError("no model given");
  }
  if (isFile(options)) {
    SavedCase beside = findSavedCase(options.source.model);
    if (options.source.weights.empty()) {
      options.source.weights = beside.weights;
    }
    if (options.inputs.empty()) {
      options.inputs = beside.inputs;
    }
  }
  if (options.source.targets.size() != 1) {
    throw CLI::ValidationError("--target names " + std::to_string(options.source.targets.size()) +
                               " targets: name one, and with --against-target the other");
  }
  if (options.inputs.empty()) {
    throw CLI::ValidationError("no input: give --input with a .npy file, or random:SEED");
  }
  if (options.source.weights.empty() && !isFile(options)) {
    throw CLI::ValidationError(
        "no weights: give --weights with a safetensors file, or random:SEED");
  }
  llvm::StringRef picture(options.picture), reduced(options.reduced);
  if (!picture.empty() && !picture.ends_with(".svg") && !picture.ends_with(".png")) {
    throw CLI::ValidationError("'" + options.picture +
                               "' is no name of a picture: let it end in .svg or .png");
  }
  if (!reduced.empty() && !reduced.ends_with(".mlir")) {
    throw CLI::ValidationError("'" + options.reduced +
                               "' is no name for --reduce: let it end in "
                               ".mlir");
  }
}
