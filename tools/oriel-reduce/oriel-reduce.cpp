//===- oriel-reduce.cpp - mlir-reduce with the project's dialects and passes -===//

#include "compiler/Conversion/Passes.h"
#include "compiler/Pipeline/Compiler.h"
#include "compiler/Transforms/Passes.h"
#include "tools/oriel-reduce/ReduceGraph.h"

#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  oriel::registerDialects(registry);
  oriel::registerReduceGraphPass();
  mlir::registerTransformsPasses();
  oriel::registerOrielPasses();
  oriel::registerOrielConversionPasses();
  mlir::MLIRContext context(registry);
  return failed(mlir::mlirReduceMain(argc, argv, context));
}
