//===- main.cpp - oriel-compile: a model to a shared library --------------===//

#include "tools/oriel-compile/Driver.h"

#include "compiler/Pipeline/Diagnostics.h"

#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  oriel::CommandLine line;
  if (auto exitCode = oriel::parseCommandLine(argc, argv, line)) {
    return *exitCode;
  }
  if (llvm::Error error = oriel::Driver(line).run()) {
    llvm::errs() << "oriel-compile: error: " << oriel::firstLine(toString(std::move(error)))
                 << "\n";
    return 1;
  }
  return 0;
}
