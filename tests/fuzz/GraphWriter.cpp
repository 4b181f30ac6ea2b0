//===- GraphWriter.cpp - A random graph while it is written ---------------===//

#include "tests/fuzz/GraphWriter.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

// What one graph may cost: the interpreter computes it a dozen times over.
static constexpr int64_t elementsOfGraph = 1 << 20, multiplyAddsOfGraph = 12 << 20;
static constexpr int64_t elementsOfOp = 1 << 17;

GraphWriter::GraphWriter(MLIRContext &context, Choices &choices)
    : choices(choices), builder(&context) {
  context.loadDialect<OrielDialect, func::FuncDialect>();
  module = ModuleOp::create(UnknownLoc::get(&context));
  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                                       builder.getFunctionType({}, {}));
  body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  batch = 1 + choices.below(3);
  elementsLeft = elementsOfGraph / batch;
  multiplyAddsLeft = multiplyAddsOfGraph / batch;
}

Location GraphWriter::nextLocation() {
  return NameLoc::get(builder.getStringAttr("op" + Twine(locations++)));
}

Value GraphWriter::argument(ArrayRef<int64_t> itemShape, Type element) {
  Shape shape{batch};
  shape.append(itemShape.begin(), itemShape.end());
  Location location = NameLoc::get(builder.getStringAttr("input" + Twine(body->getNumArguments())));
  return body->addArgument(RankedTensorType::get(shape, element), location);
}

Value GraphWriter::input(ArrayRef<int64_t> itemShape) {
  values.push_back(argument(itemShape, builder.getF32Type()));
  return values.back();
}

Value GraphWriter::pixels(ArrayRef<int64_t> itemShape) {
  return argument(itemShape, builder.getIntegerType(8, /*isSigned=*/false));
}

Value GraphWriter::parameter(StringRef kind, ArrayRef<int64_t> shape) {
  SmallVector<ParamOp> alike = llvm::filter_to_vector(parameters, [&](ParamOp known) {
    return known.getName().ends_with(kind) && shapeOf(known) == shape;
  });
  std::string name = "p" + std::to_string(parameters.size()) + "." + kind.str();
  if (!alike.empty() && choices.oneIn(4)) {
    ParamOp known = choices.pick(ArrayRef(alike));
    if (!choices.oneIn(2)) {
      return known;
    }
    // A frontend may name a parameter once for each use.
    name = known.getName().str();
  }
  parameters.push_back(
      ParamOp::create(builder, nextLocation(), tensorOf(builder.getContext(), shape), name));
  return parameters.back();
}

Value GraphWriter::pick(function_ref<bool(Value)> fits) {
  SmallVector<Value> fitting;
  for (Value value : llvm::reverse(values)) {
    if (fits(value)) {
      fitting.push_back(value);
    }
  }
  if (fitting.empty()) {
    return {};
  }
  return choices.oneIn(4) ? choices.pick(ArrayRef(fitting)) : fitting.front();
}

Value GraphWriter::pickRank(size_t rank) {
  return pick([&](Value value) { return shapeOf(value).size() == rank; });
}

bool GraphWriter::spend(int64_t elements, int64_t multiplyAdds) {
  if (elements > std::min(elementsOfOp, elementsLeft) || multiplyAdds > multiplyAddsLeft) {
    return false;
  }
  elementsLeft -= elements;
  multiplyAddsLeft -= multiplyAdds;
  return true;
}

// Around every multiple of a vector, a panel and a register tile, and where rowPitch adds a panel.
int64_t GraphWriter::drawChannels() {
  return choices.pick<int64_t>({1,  2,  3,  4,  5,  6,  7,  8,  9,  12, 15, 16, 17,  20,  24,  31,
                                32, 33, 40, 47, 48, 49, 63, 64, 65, 80, 96, 97, 112, 128, 1024});
}

int64_t GraphWriter::drawExtent() {
  return choices.pick<int64_t>({1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 12, 13, 14, 15, 16,
                                17, 18, 20, 21, 24, 28, 31, 32, 33, 48, 49, 56, 63, 64, 65});
}

int64_t GraphWriter::drawDivisor(int64_t number) {
  SmallVector<int64_t> divisors;
  for (int64_t divisor = 1; divisor <= number; ++divisor) {
    if (number % divisor == 0) {
      divisors.push_back(divisor);
    }
  }
  return choices.pick(ArrayRef(divisors));
}

OwningOpRef<ModuleOp> GraphWriter::finish() {
  auto isComputed = [](Value value) { return value.getDefiningOp() != nullptr; };
  if (!isComputed(values.back())) {
    add<SiluOp>(values.back());
  }
  choices.beginPart();
  SmallVector<Value> results{values.back()}, others;
  for (Value value : ArrayRef(values).drop_back()) {
    // What nothing reads is dead, or a result.
    if (isComputed(value) && value.use_empty() && choices.oneIn(2)) {
      results.push_back(value);
    } else if (isComputed(value)) {
      others.push_back(value);
    }
  }
  if (choices.oneIn(4) && !others.empty()) {
    results.push_back(choices.pick(ArrayRef(others)));
  }
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  auto function = cast<func::FuncOp>(body->getParentOp());
  function.setFunctionType(
      builder.getFunctionType(body->getArgumentTypes(), TypeRange(ValueRange(results))));
  return std::move(module);
}
