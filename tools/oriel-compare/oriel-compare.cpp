//===- oriel-compare.cpp - A compiled module against the interpreter ------===//

#include "tools/oriel-compare/Session.h"

using namespace oriel;

int main(int argc, char **argv) {
  CompareOptions options;
  CLI::App app("Compares a compiled model with the interpreter, layer by layer.", "oriel-compare");
  addCompareOptions(app, options);
  app.final_callback([&] { finishCompareOptions(app, options); });
  return runTool(app, argc, argv, [&] { Session(options).run(); });
}
