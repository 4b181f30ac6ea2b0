//===- GraphDialect.cpp - The oriel dialect -------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "compiler/Dialect/Graph/GraphDialect.cpp.inc"
#include "compiler/Dialect/Graph/GraphInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Graph/GraphAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "compiler/Dialect/Graph/GraphOps.cpp.inc"

namespace oriel {

void OrielDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/Dialect/Graph/GraphAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compiler/Dialect/Graph/GraphOps.cpp.inc"
      >();
}

Attribute PanelsAttr::parse(AsmParser &parser, Type) {
  bool depthwise = succeeded(parser.parseOptionalLess());
  if (depthwise && (parser.parseKeyword("depthwise") || parser.parseGreater())) {
    return {};
  }
  return get(parser.getContext(), depthwise);
}

void PanelsAttr::print(AsmPrinter &printer) const {
  if (getDepthwise()) {
    printer << "<depthwise>";
  }
}

bool isParameter(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op) {
    return false;
  }
  if (isa<ParamOp, PreparedOp>(op)) {
    return true;
  }
  if (!op->hasTrait<ParameterArithmetic>() && !isa<AddOp>(op)) {
    return false;
  }
  return llvm::all_of(op->getOperands(), isParameter);
}

SmallVector<StringRef> getLayerNames(Location location) {
  SmallVector<StringRef> names;
  if (auto name = dyn_cast<NameLoc>(location)) {
    names.push_back(name.getName());
  }
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations()) {
      names.append(getLayerNames(part));
    }
  }
  return names;
}

StringRef getLayerName(Location location) {
  SmallVector<StringRef> names = getLayerNames(location);
  return names.empty() ? StringRef() : names.front();
}

} // namespace oriel
