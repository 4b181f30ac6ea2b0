//===- RegionBuilder.cpp - Makes a kernel region for a test ---------------===//

#include "tests/unit/compiler/Kernels/RegionBuilder.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

RegionBuilder::RegionBuilder(int64_t batch)
    : batch(batch), context(MLIRContext::Threading::DISABLED), builder(&context) {
  context.loadDialect<OrielDialect, func::FuncDialect>();
  Location location = builder.getUnknownLoc();
  module = ModuleOp::create(location);
  builder.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(builder, location, "main", builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(main.addEntryBlock());
  kernel = KernelOp::create(builder, location, TypeRange(), ValueRange());
  body = kernel.getBodyBlock();
  builder.setInsertionPointToEnd(body);
}

Value RegionBuilder::activation(ArrayRef<int64_t> itemShape, Memory memory) {
  SmallVector<int64_t> shape{batch};
  shape.append(itemShape.begin(), itemShape.end());
  inputs.push_back(memory.layoutOf(shape));
  return body->addArgument(RankedTensorType::get(shape, builder.getF32Type()),
                           builder.getUnknownLoc());
}

Value RegionBuilder::pixels(ArrayRef<int64_t> itemShape) {
  SmallVector<int64_t> shape{batch};
  shape.append(itemShape.begin(), itemShape.end());
  inputs.push_back(BufferLayout::ofCaller(shape, ElementType::U8));
  return body->addArgument(
      RankedTensorType::get(shape, builder.getIntegerType(8, /*isSigned=*/false)),
      builder.getUnknownLoc());
}

Value RegionBuilder::parameter(ArrayRef<int64_t> shape, bool packed, bool depthwise) {
  Attribute encoding;
  if (packed) {
    encoding = PanelsAttr::get(&context, depthwise);
  }
  auto type = RankedTensorType::get(shape, builder.getF32Type(), encoding);
  inputs.push_back(BufferLayout::ofParameter(type));
  return body->addArgument(type, builder.getUnknownLoc());
}

KernelOp RegionBuilder::yield(ArrayRef<Value> values, Memory memory) {
  Operation *terminator = YieldOp::create(builder, builder.getUnknownLoc());
  terminator->setOperands(values);
  // The kernel op again, now that its operands and results are known: those stand for function
  // arguments.
  OpBuilder outer(kernel);
  auto main = kernel->getParentOfType<func::FuncOp>();
  SmallVector<Value> operands;
  for (BlockArgument argument : body->getArguments()) {
    operands.push_back(main.getBody().addArgument(argument.getType(), argument.getLoc()));
  }
  SmallVector<Type> results;
  for (Value value : values) {
    results.push_back(value.getType());
    outputs.push_back(memory.layoutOf(cast<RankedTensorType>(value.getType()).getShape()));
  }
  auto complete = KernelOp::create(outer, kernel.getLoc(), results, operands);
  complete.getBody().takeBody(kernel.getBody());
  kernel->erase();
  kernel = complete;
  return kernel;
}

void RegionBuilder::storeAs(ElementType element) {
  for (auto *layouts : {&inputs, &outputs}) {
    for (BufferLayout &layout : *layouts) {
      if (!layout.exact) {
        layout.element = element;
      }
    }
  }
}
