//===- KernelEntry.cpp - From pointers to a kernel object's arguments -----===//
//
// halide_buffer_t and halide_dimension_t are those of Halide 21's HalideRuntime.h on a 64-bit
// target.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/KernelEntry.h"

#include "compiler/Conversion/Passes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace oriel;

/// halide_type_t{code, bits, lanes = 1} as a little-endian number: code 1 is unsigned, 2 float.
static int64_t halideType(ElementType element) {
  int64_t code = element == ElementType::U8 ? 1 : 2;
  return code | 8 * bytesOf(element) << 8 | 1 << 16;
}

namespace {

/// The types and constants of entries.
class EntryBuilder {
public:
  EntryBuilder(OpBuilder &builder, Location location)
      : builder(builder), location(location),
        pointer(LLVM::LLVMPointerType::get(builder.getContext())), i32(builder.getI32Type()),
        i64(builder.getI64Type()),
        // device, device_interface, host, flags, type, dimensions, dim, padding
        buffer(LLVM::LLVMStructType::getLiteral(
            builder.getContext(), {i64, pointer, pointer, i64, i32, i32, pointer, pointer})) {}

  /// A halide_buffer_t on the stack for a buffer at `host`.
  Value makeBuffer(const BufferLayout &layout, Value host, Value batch);

  /// x + 1 + |x| in place of the middle element of the first item of a buffer at `host`.
  void perturb(const BufferLayout &layout, Value host);

  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, location, type, builder.getIntegerAttr(type, value));
  }

  OpBuilder &builder;
  Location location;
  Type pointer, i32, i64, buffer;

private:
  Value makeDimensions(const BufferLayout &layout, Value batch);
};

} // namespace

Value EntryBuilder::makeDimensions(const BufferLayout &layout, Value batch) {
  SmallVector<int32_t> values;
  for (const Dimension &dimension : dimensionsOf(layout)) {
    values.append({dimension.min, dimension.extent, dimension.stride, /*flags=*/0});
  }
  auto type = LLVM::LLVMArrayType::get(i32, values.size());
  Value dimensions = LLVM::AllocaOp::create(builder, location, pointer, type, constant(i64, 1));
  auto tensor = RankedTensorType::get(static_cast<int64_t>(values.size()), i32);
  Value fixed = LLVM::ConstantOp::create(builder, location, type,
                                         DenseElementsAttr::get(tensor, ArrayRef(values)));
  LLVM::StoreOp::create(builder, location, fixed, dimensions);
  if (!layout.isParameter) {
    // The batch is the outermost dimension.
    int32_t extent = static_cast<int32_t>(values.size()) - 3;
    Value address = LLVM::GEPOp::create(builder, location, pointer, i32, dimensions,
                                        ArrayRef<LLVM::GEPArg>{extent});
    LLVM::StoreOp::create(builder, location, batch, address);
  }
  return dimensions;
}

Value EntryBuilder::makeBuffer(const BufferLayout &layout, Value host, Value batch) {
  Value dimensions = makeDimensions(layout, batch);
  Value result = LLVM::AllocaOp::create(builder, location, pointer, buffer, constant(i64, 1));
  Value null = LLVM::ZeroOp::create(builder, location, pointer);
  Value zero = constant(i64, 0);
  int64_t rank = static_cast<int64_t>(dimensionsOf(layout).size());
  Value type = constant(i32, halideType(layout.element));
  Value fields[] = {zero, null, host, zero, type, constant(i32, rank), dimensions, null};
  for (auto [index, field] : llvm::enumerate(fields)) {
    Value address = LLVM::GEPOp::create(builder, location, pointer, buffer, result,
                                        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
    LLVM::StoreOp::create(builder, location, field, address);
  }
  return result;
}

void EntryBuilder::perturb(const BufferLayout &layout, Value host) {
  int64_t offset = 0;
  auto dimensions = dimensionsOf(layout);
  for (size_t i = 0; i + 1 < dimensions.size(); ++i) {
    int64_t middle = layout.shape[dimensions.size() - 1 - i] / 2;
    offset += (middle - dimensions[i].min) * dimensions[i].stride;
  }
  Type f32 = builder.getF32Type();
  Value address = LLVM::GEPOp::create(builder, location, pointer, f32, host,
                                      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  Value x = LLVM::LoadOp::create(builder, location, f32, address);
  Value one = LLVM::ConstantOp::create(builder, location, f32, builder.getF32FloatAttr(1));
  Value magnitude = LLVM::FAbsOp::create(builder, location, x);
  Value error = LLVM::FAddOp::create(builder, location, one, magnitude);
  LLVM::StoreOp::create(builder, location, LLVM::FAddOp::create(builder, location, x, error),
                        address);
}

LLVM::LLVMFuncOp oriel::makeKernelEntry(OpBuilder &builder, exec::KernelOp kernel,
                                        StringRef target) {
  EntryBuilder entry(builder, kernel.getLoc());
  SmallVector<exec::BufferType> buffers = kernel.getInputBuffers();
  llvm::append_range(buffers, kernel.getOutputBuffers());

  SmallVector<Type> objectTypes(buffers.size() + 1, entry.pointer);
  auto object = LLVM::LLVMFuncOp::create(
      builder, kernel.getLoc(), variantSymbol(kernel.getSymName(), target),
      LLVM::LLVMFunctionType::get(entry.i32, objectTypes), LLVM::Linkage::External);

  SmallVector<Type> types = {entry.pointer, entry.i32};
  types.append(buffers.size(), entry.pointer);
  auto function = LLVM::LLVMFuncOp::create(
      builder, kernel.getLoc(), variantSymbol(("launch_" + kernel.getSymName()).str(), target),
      LLVM::LLVMFunctionType::get(entry.i32, types), LLVM::Linkage::Internal);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = function.addEntryBlock(builder);
  builder.setInsertionPointToStart(body);
  SmallVector<Value> arguments = {body->getArgument(0)};
  for (auto [index, type] : llvm::enumerate(buffers)) {
    arguments.push_back(
        entry.makeBuffer(type.getLayout(), body->getArgument(index + 2), body->getArgument(1)));
  }
  auto call = LLVM::CallOp::create(builder, kernel.getLoc(), object, arguments);
  if (kernel.getComputation()->hasAttr(perturbedAttribute)) {
    size_t output = kernel.getInputBuffers().size();
    entry.perturb(buffers[output].getLayout(), body->getArgument(output + 2));
  }
  LLVM::ReturnOp::create(builder, kernel.getLoc(), call.getResult());
  return function;
}
