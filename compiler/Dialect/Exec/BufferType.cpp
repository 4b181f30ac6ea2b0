//===- BufferType.cpp - How a tensor lies in memory -----------------------===//

#include "compiler/Dialect/Exec/ExecDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace oriel::exec;

#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Exec/ExecTypes.cpp.inc"

void ExecDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/Dialect/Exec/ExecTypes.cpp.inc"
      >();
}

static constexpr std::pair<StringRef, Space> spaceNames[] = {
    {"external", Space::External}, {"arena", Space::Arena}, {"parameter", Space::Parameter}};

static ParseResult parseSpace(AsmParser &parser, Space &space) {
  StringRef keyword;
  auto location = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword)) {
    return failure();
  }
  for (auto [name, value] : spaceNames) {
    if (name == keyword) {
      space = value;
      return success();
    }
  }
  return parser.emitError(location, "expected external, arena or parameter");
}

static ParseResult parseElement(AsmParser &parser, oriel::ElementType &element) {
  auto location = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseEqual() || parser.parseKeyword(&keyword)) {
    return failure();
  }
  if (keyword != "f16") {
    return parser.emitError(location, "expected f16; what is stored as it is says nothing of it");
  }
  element = oriel::ElementType::F16;
  return success();
}

// <tensor, space (, pitch = N)? (, halo = [Y, X])? (, stored = f16)?>
Type BufferType::parse(AsmParser &parser) {
  RankedTensorType tensor;
  Space space;
  auto location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseType(tensor) || parser.parseComma() ||
      parseSpace(parser, space)) {
    return {};
  }
  int64_t pitch = tensor.getRank() ? tensor.getShape().back() : 1, haloY = 0, haloX = 0;
  oriel::ElementType element = oriel::elementTypeOf(tensor);
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("pitch"))) {
      if (parser.parseEqual() || parser.parseInteger(pitch)) {
        return {};
      }
    } else if (succeeded(parser.parseOptionalKeyword("stored"))) {
      if (parseElement(parser, element)) {
        return {};
      }
    } else if (parser.parseKeyword("halo") || parser.parseEqual() || parser.parseLSquare() ||
               parser.parseInteger(haloY) || parser.parseComma() || parser.parseInteger(haloX) ||
               parser.parseRSquare()) {
      return {};
    }
  }
  if (parser.parseGreater()) {
    return {};
  }
  return getChecked([&] { return parser.emitError(location); }, parser.getContext(), tensor, space,
                    pitch, haloY, haloX, element);
}

void BufferType::print(AsmPrinter &printer) const {
  printer << '<' << getTensor() << ", ";
  for (auto [name, value] : spaceNames) {
    if (value == getSpace()) {
      printer << name;
    }
  }
  if (getPitch() != getTensor().getShape().back()) {
    printer << ", pitch = " << getPitch();
  }
  if (getHaloY() || getHaloX()) {
    printer << ", halo = [" << getHaloY() << ", " << getHaloX() << "]";
  }
  if (getElement() == oriel::ElementType::F16) {
    printer << ", stored = f16";
  }
  printer << '>';
}

LogicalResult BufferType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 RankedTensorType tensor, Space space, int64_t pitch, int64_t haloY,
                                 int64_t haloX, oriel::ElementType element) {
  if (tensor.getRank() == 0 || !tensor.hasStaticShape()) {
    return emitError() << "a buffer holds a tensor of static shape and rank 1 or more";
  }
  if (!tensor.getElementType().isF32() && space != Space::External) {
    return emitError() << "only the caller's memory holds other elements than float32";
  }
  if (element != oriel::elementTypeOf(tensor) &&
      (element != oriel::ElementType::F16 || space == Space::External)) {
    return emitError() << "only arena and parameter block store a tensor as another element, f16";
  }
  if (pitch < tensor.getShape().back()) {
    return emitError() << "pitch " << pitch << " is less than the last dimension of " << tensor;
  }
  if (haloY < 0 || haloX < 0 || ((haloY || haloX) && tensor.getRank() != 4)) {
    return emitError() << "only a feature map has a halo";
  }
  if (space != Space::Arena && (pitch != tensor.getShape().back() || haloY || haloX)) {
    return emitError() << "only a buffer of the arena has a pitch or a halo";
  }
  return success();
}

oriel::BufferLayout BufferType::getLayout() const {
  switch (getSpace()) {
  case Space::External:
    return BufferLayout::ofCaller(getTensor().getShape(), elementTypeOf(getTensor()));
  case Space::Parameter: {
    BufferLayout layout = BufferLayout::ofParameter(getTensor());
    layout.element = getElement();
    return layout;
  }
  case Space::Arena:
    break;
  }
  BufferLayout layout = BufferLayout::inArena(getTensor().getShape(), getHaloY(), getHaloX());
  layout.pitch = getPitch();
  layout.element = getElement();
  return layout;
}
