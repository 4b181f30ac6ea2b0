//===- oriel-opt.cpp - mlir-opt with the project's dialects and passes ----===//

#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<oriel::OrielDialect, oriel::exec::ExecDialect, mlir::func::FuncDialect,
                  mlir::LLVM::LLVMDialect>();
  mlir::registerTransformsPasses();
  oriel::registerOrielPasses();
  oriel::registerOrielConversionPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Oriel's IR, read, transformed and printed\n", registry));
}
