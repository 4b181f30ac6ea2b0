//===- ExecOps.cpp - Kernels, launches, programs --------------------------===//

#include "compiler/Dialect/Exec/ExecDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace oriel::exec;

#define GET_OP_CLASSES
#include "compiler/Dialect/Exec/ExecOps.cpp.inc"

static SmallVector<BufferType> bufferTypes(ArrayAttr types) {
  return llvm::map_to_vector(types.getAsValueRange<TypeAttr>(),
                             [](Type type) { return cast<BufferType>(type); });
}

oriel::KernelOp KernelOp::getComputation() {
  auto kernels = getBody().front().getOps<oriel::KernelOp>();
  return kernels.empty() ? oriel::KernelOp() : *kernels.begin();
}

SmallVector<BufferType> KernelOp::getInputBuffers() { return bufferTypes(getInputs()); }

SmallVector<BufferType> KernelOp::getOutputBuffers() { return bufferTypes(getOutputs()); }

std::string KernelOp::printStructure() {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << getFamily() << getInputs() << getOutputs() << '\n';
  // Printing numbers values in order, so equal text means equal structure.
  for (Operation &op : getBody().front()) {
    op.print(out, OpPrintingFlags().useLocalScope().printGenericOpForm());
    out << '\n';
  }
  return text;
}

/// Whether buffers hold tensors of the given types.
static bool holdTensors(ArrayAttr buffers, TypeRange tensors) {
  return buffers.size() == tensors.size() &&
         llvm::all_of(llvm::zip(buffers.getAsValueRange<TypeAttr>(), tensors), [](auto pair) {
           auto buffer = dyn_cast<BufferType>(std::get<0>(pair));
           return buffer && buffer.getTensor() == std::get<1>(pair);
         });
}

LogicalResult KernelOp::verifyRegions() {
  oriel::KernelOp computation = getComputation();
  // C1: one computation.
  if (!computation) {
    return emitOpError("(C1): the body holds no oriel.kernel");
  }
  // C2: layouts are of the computation's tensors.
  if (!holdTensors(getInputs(), computation.getInputs().getTypes()) ||
      !holdTensors(getOutputs(), computation.getResultTypes())) {
    return emitOpError("(C2): inputs and outputs must be buffers of the computation's tensors");
  }
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  // C1: the kernel exists.
  auto kernel = symbolTable.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel) {
    return emitOpError("(C1): no kernel ") << getKernelAttr();
  }
  // C2: buffers are laid out as the kernel was compiled for.
  if (!llvm::equal(kernel.getInputBuffers(), getInputs().getTypes()) ||
      !llvm::equal(kernel.getOutputBuffers(), getOutputs().getTypes())) {
    return emitOpError("(C2): buffers are not laid out as ") << getKernelAttr() << " expects";
  }
  // C3: what is stored has a layer each, or none has.
  if (!getStoredLayers().empty() && getStoredLayers().size() != getOutputs().size()) {
    return emitOpError("(C3): stored_layers names ")
           << getStoredLayers().size() << " layers for " << getOutputs().size() << " outputs";
  }
  return success();
}

oriel::ElementType ProgramOp::getPrecision() {
  bool hasHalf = llvm::any_of(getBody().front(), [](Operation &op) {
    return llvm::any_of(op.getResultTypes(), [](Type type) {
      auto buffer = dyn_cast<BufferType>(type);
      return buffer && buffer.getElement() == oriel::ElementType::F16;
    });
  });
  return hasHalf ? oriel::ElementType::F16 : oriel::ElementType::F32;
}
