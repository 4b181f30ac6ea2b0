// fuzz-graphs: random graphs against the interpreter, the passes and the compiled kernels.

#include "compiler/Pipeline/IRDump.h"
#include "tests/fuzz/GraphChecker.h"
#include "tests/fuzz/GraphGenerator.h"
#include "tests/fuzz/GraphShrinker.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

static constexpr const char *footer = R"(
Each seed gives a graph. What differs is shrunk and written to OUT/graph-SEED.mlir, which
`fuzz-graphs --graph` checks again and oriel-compile takes with --weights random:1.
With --write-modules nothing compiled is run: run-modules does that, where the processor can.
Exit code: 0 no difference, 1 differences, 2 wrong usage.)";

namespace {

struct CommandLine {
  uint64_t count = 100, firstSeed = 1;
  std::string graph, out = ".", log, writeModules, target = "x86-64-v4";
  int shrinkAttempts = 300;
  bool printOnly = false;
};

class Fuzzer {
public:
  explicit Fuzzer(const CommandLine &line)
      : line(line), context(makeRegistry(), MLIRContext::Threading::DISABLED),
        options(line.writeModules.empty() ? makeCheckOptions()
                                          : makeWriteOptions(*KernelTarget::get(line.target))) {}

  int checkSeeds();
  int checkFile();

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  bool checkSeed(uint64_t seed);
  void nameModules(const std::string &name);
  OwningOpRef<ModuleOp> shrink(const ChoiceSequence &choices, const Verdict &verdict);
  OwningOpRef<ModuleOp> slice(ModuleOp graph, const Verdict &verdict);
  CheckOptions onlyStage(const Verdict &verdict) const;
  void report(const std::string &name, ModuleOp graph, const Verdict &verdict) const;

  const CommandLine &line;
  MLIRContext context;
  CheckOptions options;
};

} // namespace

/// The options without the variants that are not at fault.
CheckOptions Fuzzer::onlyStage(const Verdict &verdict) const {
  CheckOptions narrowed = options;
  llvm::erase_if(narrowed.variants, [&](const Variant &variant) {
    return !StringRef(verdict.stage).ends_with(variant.name);
  });
  return narrowed;
}

static StillFails failsLike(const Verdict &verdict, CheckOptions options) {
  return [verdict, options = std::move(options)](ModuleOp graph) {
    Verdict now = checkGraphApart(graph, options);
    return now.kind == Verdict::Kind::Different && now.stage == verdict.stage;
  };
}

OwningOpRef<ModuleOp> Fuzzer::slice(ModuleOp graph, const Verdict &verdict) {
  return sliceGraph(graph, failsLike(verdict, onlyStage(verdict)));
}

OwningOpRef<ModuleOp> Fuzzer::shrink(const ChoiceSequence &choices, const Verdict &verdict) {
  ChoiceSequence fewer =
      shrinkChoices(context, choices, failsLike(verdict, onlyStage(verdict)), line.shrinkAttempts);
  Choices replay(fewer.numbers);
  return slice(*generateGraph(context, replay), verdict);
}

void Fuzzer::report(const std::string &name, ModuleOp graph, const Verdict &verdict) const {
  std::string path = line.out + "/graph-" + name + ".mlir";
  Verdict shrunk = checkGraphApart(graph, onlyStage(verdict));
  std::string text = "// " + name + ": " + shrunk.stage + ": " + shrunk.text + "\n";
  std::ofstream(path) << text << printModule(graph);
  std::cout << text << "// shrunk to " << countOps(graph) << " ops in " << path << std::endl;
}

/// Where modules are written: says where those of this graph are.
void Fuzzer::nameModules(const std::string &name) {
  for (auto [index, variant] : llvm::enumerate(options.variants)) {
    if (!line.writeModules.empty()) {
      variant.writeTo = line.writeModules + "/" + name + "-" + std::to_string(index);
    }
  }
}

/// Whether all is well. A graph whose bounds say nothing is replaced by the next that the seed
/// gives.
bool Fuzzer::checkSeed(uint64_t seed) {
  constexpr uint64_t drawsOfSeed = 64;
  nameModules("seed-" + std::to_string(seed));
  for (uint64_t draw = 0; draw < drawsOfSeed; ++draw) {
    Choices choices(seed * drawsOfSeed + draw);
    OwningOpRef<ModuleOp> graph = generateGraph(context, choices);
    if (line.printOnly) {
      graph->print(llvm::outs());
      return true;
    }
    Verdict verdict = checkGraphApart(*graph, options);
    if (verdict.kind == Verdict::Kind::Different) {
      std::cout << "seed " << seed << ": " << verdict.stage << ": " << verdict.text << std::endl;
      report(std::to_string(seed), *shrink(choices.getTaken(), verdict), verdict);
      return false;
    }
    if (verdict.kind == Verdict::Kind::Same) {
      return true;
    }
  }
  std::cout << "seed " << seed << ": no graph whose error bounds say anything" << std::endl;
  return false;
}

/// The seeds that a log of an earlier run says are well.
static std::set<uint64_t> readLog(const std::string &path) {
  std::set<uint64_t> seeds;
  std::ifstream file(path);
  for (uint64_t seed = 0; file >> seed;) {
    seeds.insert(seed);
  }
  return seeds;
}

int Fuzzer::checkSeeds() {
  std::set<uint64_t> done = readLog(line.log);
  std::ofstream log(line.log, std::ios::app);
  std::vector<uint64_t> failing;
  for (uint64_t seed = line.firstSeed; seed < line.firstSeed + line.count; ++seed) {
    if (done.count(seed) != 0) {
      continue;
    }
    if (checkSeed(seed)) {
      log << seed << std::endl;
    } else {
      failing.push_back(seed);
    }
    uint64_t checked = seed - line.firstSeed + 1;
    if (checked % 100 == 0 && checked < line.count) {
      std::cout << checked << " of " << line.count << " graphs, " << failing.size() << " failed"
                << std::endl;
    }
  }
  std::cout << line.count << " graphs, " << failing.size() << " failed";
  for (uint64_t seed : failing) {
    std::cout << (seed == failing.front() ? ": " : ", ") << seed;
  }
  std::cout << std::endl;
  return failing.empty() ? 0 : 1;
}

int Fuzzer::checkFile() {
  auto graph = parseSourceFile<ModuleOp>(line.graph, &context);
  if (!graph) {
    return 2;
  }
  nameModules(std::filesystem::path(line.graph).stem());
  Verdict verdict = checkGraphApart(*graph, options);
  const char *names[] = {"same", "vague", "different"};
  std::cout << line.graph << ": " << names[static_cast<int>(verdict.kind)];
  bool isDifferent = verdict.kind == Verdict::Kind::Different;
  if (isDifferent) {
    std::cout << ": " << verdict.stage << ": " << verdict.text;
  }
  std::cout << std::endl;
  if (isDifferent && line.shrinkAttempts > 0) {
    report("sliced", *slice(*graph, verdict), verdict);
  }
  return isDifferent ? 1 : 0;
}

int main(int argc, char **argv) {
  CommandLine line;
  CLI::App app("Checks random graphs: interpreter, passes and compiled kernels must agree.",
               "fuzz-graphs");
  app.footer(footer);
  app.add_option("--count", line.count, "graphs to check")->capture_default_str();
  app.add_option("--first-seed", line.firstSeed, "seed of the first")->capture_default_str();
  app.add_option("--graph", line.graph, "check one .mlir file of phase graph instead");
  app.add_option("--out", line.out, "folder for what differs")->capture_default_str();
  app.add_option("--log", line.log, "file of the seeds that are well: read first, then added to");
  app.add_option("--shrink-attempts", line.shrinkAttempts, "graphs to try for a smaller one")
      ->capture_default_str();
  app.add_option("--write-modules", line.writeModules,
                 "folder for modules and their cases, which run-modules runs")
      ->check(CLI::ExistingDirectory);
  app.add_option("--target", line.target, "what --write-modules compiles for")
      ->check([](const std::string &name) {
        return KernelTarget::get(name) ? "" : name + " is not a target";
      })
      ->capture_default_str();
  app.add_flag("--print", line.printOnly, "print the graphs, check nothing");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Fuzzer fuzzer(line);
  return line.graph.empty() ? fuzzer.checkSeeds() : fuzzer.checkFile();
}
