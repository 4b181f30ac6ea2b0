//===- ExecDialect.cpp - The exec dialect ---------------------------------===//

#include "compiler/Dialect/Exec/ExecDialect.h"

#include "compiler/Dialect/Exec/ExecDialect.cpp.inc"

void oriel::exec::ExecDialect::initialize() {
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "compiler/Dialect/Exec/ExecOps.cpp.inc"
      >();
}
