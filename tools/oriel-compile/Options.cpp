//===- Options.cpp - The command line of oriel-compile --------------------===//

#include "tools/oriel-compile/Options.h"

#include "compiler/Pipeline/Phase.h"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace oriel;

static constexpr const char *footer = R"(
Example:
  oriel-compile mobilevit_xxs --weights mobilevit_xxs.safetensors -o mobilevit_xxs.so --dump-ir=ir

Weights are a safetensors file with timm's tensor names, or random:SEED. Without weights the model can be
printed (--print-model) or lowered up to phase exec (--compile-to).
Exit code: 0 done, 1 failed, 2 wrong usage.)";

/// `graph, fused, ...`, each with its help.
static std::string phaseHelp() {
  std::string text = "stop after a phase:";
  for (const PhaseInfo &info : phases()) {
    text += "\n" + (info.name + ": " + info.help).str();
  }
  return text;
}

static std::vector<std::string> phaseNames() {
  std::vector<std::string> names;
  for (const PhaseInfo &info : phases()) {
    names.push_back(info.name.str());
  }
  return names;
}

static void addOptions(CLI::App &app, CommandLine &line) {
  addModelOptions(app, line.source);
  app.add_option("--input", line.input,
                 "what the module takes, f32: the normalised image [B, 3, H, W] (default); u8: its "
                 "bytes [B, H, W, 3], which the first kernel normalises")
      ->check(CLI::IsMember({"f32", "u8"}));
  addTargetOptions(app, line.source);
  app.add_option("-o,--output", line.output, "file to write (default: MODEL.so)")
      ->type_name("FILE");
  app.add_option("--dump-ir", line.dumpDirectory,
                 "write the IR of every phase and pass into a folder")
      ->type_name("DIR");
  app.add_option("--compile-to", line.compileTo, phaseHelp())
      ->capture_default_str()
      ->check(CLI::IsMember(phaseNames()))
      ->type_name("PHASE");
  app.add_option("--extract-kernel", line.extractedKernel,
                 "write one kernel as a .mlir file of its own, phase fused, and end; NAME is the "
                 "kernel's, as oriel-info shows it, or a layer's")
      ->type_name("NAME")
      ->excludes("--compile-to");
  app.add_option("--report", line.report, "write what the compiler found and decided as JSON")
      ->type_name("FILE");
  app.add_flag("--remarks", line.remarks,
               "print what was fused and, at a near miss, why not, a line each, on standard error");
  app.add_option("--labels", line.labels, "class names to embed, one a line")->type_name("FILE");
  app.add_flag("--print-model", line.printModel, "print the module tree and end");
  app.add_flag("--list-models", line.listModels, "list the models of the zoo and end");
  app.set_version_flag("--version", std::string("oriel-compile ") + ORIEL_VERSION);
}

static int usageError(const std::string &text) {
  std::cerr << "oriel-compile: error: " << text << "; see oriel-compile --help" << std::endl;
  return 2;
}

std::optional<int> oriel::parseCommandLine(int argc, char **argv, CommandLine &line) {
  CLI::App app("Compiles a vision model to a shared library.", "oriel-compile");
  app.footer(footer);
  addOptions(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) {
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    std::string text = error.what();
    return usageError(text.substr(0, text.find('\n')));
  }
  finishSource(app, line.source);
  if (line.source.model.empty() && !line.listModels) {
    return usageError("no model given");
  }
  if (!line.extractedKernel.empty()) {
    line.compileTo = phaseInfo(Phase::Exec).name;
  }
  bool needsWeights =
      !line.printModel && !line.listModels && *parsePhase(line.compileTo) > Phase::Exec;
  if (needsWeights && line.source.weights.empty()) {
    return usageError("phase " + line.compileTo +
                      " needs --weights with a safetensors file or random:SEED");
  }
  return std::nullopt;
}
