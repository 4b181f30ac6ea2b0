//===- oriel-lsp-server.cpp - MLIR's language server with our dialects ----===//
//
// Speaks the Language Server Protocol over standard input and output. MLIR's server knows errors,
// definitions, references and completion; what an op is, HoverFilter adds.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/Compiler.h"
#include "tools/oriel-lsp-server/HoverFilter.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/raw_ostream.h"

#include <iostream>
#include <unistd.h>

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  oriel::registerDialects(registry);
  auto filter = oriel::HoverFilter::insert(STDOUT_FILENO);
  if (!filter) {
    std::cerr << "oriel-lsp-server: error: " << toString(filter.takeError()) << std::endl;
    return 1;
  }
  bool served = succeeded(mlir::MlirLspServerMain(argc, argv, registry));
  llvm::outs().flush();
  (*filter)->finish();
  return served ? 0 : 1;
}
