//===- GraphBuilder.cpp - Writes a model as a graph of oriel ops ----------===//

#include "frontend/GraphBuilder.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace oriel {

//===----------------------------------------------------------------------===//
// Tensor
//===----------------------------------------------------------------------===//

ArrayRef<int64_t> Tensor::getShape() const { return value ? shapeOf(value) : ArrayRef<int64_t>(); }

int64_t Tensor::getDim(int dimension) const {
  int rank = static_cast<int>(getShape().size());
  int index = dimension < 0 ? rank + dimension : dimension;
  return index >= 0 && index < rank ? getShape()[index] : 1;
}

//===----------------------------------------------------------------------===//
// Scopes and errors
//===----------------------------------------------------------------------===//

Scope::Scope(GraphBuilder &builder, const Twine &name)
    : builder(builder), outerLength(builder.layerName.size()) {
  if (outerLength != 0) {
    builder.layerName += '.';
  }
  builder.layerName += name.str();
}

Scope::~Scope() { builder.layerName.resize(outerLength); }

GraphBuilder::GraphBuilder(MLIRContext &context, StringRef modelName)
    : builder(&context), modelName(modelName) {
  context.loadDialect<OrielDialect, func::FuncDialect>();
  module = ModuleOp::create(NameLoc::get(builder.getStringAttr(modelName)));
  (*module)->setAttr("oriel.model", builder.getStringAttr(modelName));
  builder.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, module->getLoc(), "main", builder.getFunctionType({}, {}));
  body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
}

GraphBuilder::~GraphBuilder() = default;

void GraphBuilder::fail(const Twine &message) {
  if (!error) {
    error = (Twine(layerName.empty() ? modelName : layerName) + ": " + message).str();
  }
}

Location GraphBuilder::getLocation() {
  StringRef name = layerName.empty() ? modelName : layerName;
  return NameLoc::get(builder.getStringAttr(name));
}

/// Kernels index tensors with 32-bit integers.
bool GraphBuilder::checkShape(StringRef what, ArrayRef<int64_t> shape) {
  constexpr int64_t maxElements = INT32_MAX;
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size <= 0) {
      fail(what + " has the shape " + formatShape(shape) + ": every dimension must be positive");
      return false;
    }
    if (llvm::MulOverflow(elements, size, elements) || elements > maxElements) {
      fail(what + " has the shape " + formatShape(shape) + ": more than " + Twine(maxElements) +
           " elements are not supported");
      return false;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs, parameters, result
//===----------------------------------------------------------------------===//

Tensor GraphBuilder::input(StringRef name, ArrayRef<int64_t> shape) {
  if (hasFailed() || !checkShape(name, shape)) {
    return {};
  }
  Location location = NameLoc::get(builder.getStringAttr(name));
  return Tensor(body->addArgument(tensorOf(builder.getContext(), shape), location));
}

Tensor GraphBuilder::parameter(StringRef name, ArrayRef<int64_t> shape) {
  std::string fullName = layerName.empty() ? name.str() : layerName + "." + name.str();
  if (hasFailed() || !checkShape(name, shape)) {
    return {};
  }
  Tensor &known = parameters[fullName];
  if (!known) {
    known = Tensor(
        ParamOp::create(builder, getLocation(), tensorOf(builder.getContext(), shape), fullName));
  } else if (known.getShape() != shape) {
    fail("parameter " + fullName + " is " + formatShape(known.getShape()) + " elsewhere and " +
         formatShape(shape) + " here");
    return {};
  }
  return known;
}

void GraphBuilder::setPreprocessing(const Preprocessing &preprocessing) {
  attachPreprocessing(*module, preprocessing);
}

llvm::Expected<OwningOpRef<ModuleOp>> GraphBuilder::finish(Tensor result) {
  if (!result) {
    fail("the model has no result");
  }
  if (!hasFailed()) {
    func::ReturnOp::create(builder, module->getLoc(), result.value);
    auto function = cast<func::FuncOp>(body->getParentOp());
    function.setFunctionType(
        builder.getFunctionType(body->getArgumentTypes(), result.value.getType()));
    ScopedDiagnosticHandler handler(builder.getContext(), [&](Diagnostic &diagnostic) {
      fail(diagnostic.str());
      return success();
    });
    if (failed(verify(*module))) {
      fail("the module does not verify");
    }
  }
  if (hasFailed()) {
    return llvm::createStringError(*error);
  }
  return std::move(module);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

// The generated builders abort where the inference fails, so the inference runs here first.
template <typename Op>
Tensor GraphBuilder::create(ArrayRef<Tensor> operands, typename Op::Properties properties) {
  if (hasFailed()) {
    return {};
  }
  OperationState state(getLocation(), Op::getOperationName());
  for (Tensor operand : operands) {
    if (!operand) {
      fail(Twine(Op::getOperationName()) + " has a null operand");
      return {};
    }
    state.operands.push_back(operand.value);
  }
  if constexpr (!std::is_same_v<typename Op::Properties, EmptyProperties>) {
    state.getOrAddProperties<typename Op::Properties>() = properties;
  }
  {
    ScopedDiagnosticHandler handler(builder.getContext(), [&](Diagnostic &diagnostic) {
      fail(diagnostic.str());
      return success();
    });
    if (failed(Op::inferReturnTypes(builder.getContext(), state.location, state.operands,
                                    DictionaryAttr::get(builder.getContext()),
                                    state.getRawProperties(), {}, state.types))) {
      fail(Twine(Op::getOperationName()) + " does not accept its operands");
      return {};
    }
  }
  if (!checkShape(Op::getOperationName(), cast<RankedTensorType>(state.types.front()).getShape())) {
    return {};
  }
  return Tensor(builder.create(state)->getResult(0));
}

DenseI64ArrayAttr GraphBuilder::toAttribute(Size2D size) {
  return builder.getDenseI64ArrayAttr({size.height, size.width});
}

/// `operands`, and `optional` unless it is null.
static SmallVector<Tensor> withOptional(std::initializer_list<Tensor> operands, Tensor optional) {
  SmallVector<Tensor> all(operands);
  if (optional) {
    all.push_back(optional);
  }
  return all;
}

Tensor GraphBuilder::conv2d(Tensor input, Tensor filter, Tensor bias,
                            const Conv2DOptions &options) {
  return create<Conv2DOp>(withOptional({input, filter}, bias),
                          {.groups = builder.getI64IntegerAttr(options.groups),
                           .padding = toAttribute(options.padding),
                           .strides = toAttribute(options.stride)});
}

Tensor GraphBuilder::batchNorm(Tensor input, Tensor gamma, Tensor beta, Tensor mean,
                               Tensor variance, double epsilon) {
  return create<BatchNormOp>({input, gamma, beta, mean, variance},
                             {.epsilon = builder.getF64FloatAttr(epsilon)});
}

Tensor GraphBuilder::concat(ArrayRef<Tensor> inputs) { return create<ConcatOp>(inputs); }

Tensor GraphBuilder::globalAvgPool(Tensor input) { return create<GlobalAvgPoolOp>(input); }

Tensor GraphBuilder::permute(Tensor input, ArrayRef<int64_t> permutation) {
  return create<PermuteOp>(input, {.permutation = builder.getDenseI64ArrayAttr(permutation)});
}

Tensor GraphBuilder::silu(Tensor input) { return create<SiluOp>(input); }

Tensor GraphBuilder::gelu(Tensor input) { return create<GeluOp>(input); }

Tensor GraphBuilder::scale(Tensor input, double factor) {
  return create<ScaleOp>(input, {.factor = builder.getF64FloatAttr(factor)});
}

Tensor GraphBuilder::add(Tensor lhs, Tensor rhs) { return create<AddOp>({lhs, rhs}); }

Tensor GraphBuilder::layerNorm(Tensor input, Tensor gamma, Tensor beta, double epsilon) {
  return create<LayerNormOp>({input, gamma, beta}, {.epsilon = builder.getF64FloatAttr(epsilon)});
}

Tensor GraphBuilder::linear(Tensor input, Tensor weight, Tensor bias) {
  return create<LinearOp>(withOptional({input, weight}, bias));
}

Tensor GraphBuilder::roll(Tensor input, Size2D shift) {
  return create<RollOp>(input, {.shift = toAttribute(shift)});
}

Tensor GraphBuilder::windowPartition(Tensor input, Size2D window) {
  return create<WindowPartitionOp>(input, {.window = toAttribute(window)});
}

Tensor GraphBuilder::windowReverse(Tensor input, Size2D window, Size2D map) {
  return create<WindowReverseOp>(input, {.map = toAttribute(map), .window = toAttribute(window)});
}

Tensor GraphBuilder::unfoldPatches(Tensor input, Size2D patch) {
  return create<UnfoldPatchesOp>(input, {.patch = toAttribute(patch)});
}

Tensor GraphBuilder::foldPatches(Tensor input, Size2D patch, Size2D map) {
  return create<FoldPatchesOp>(input, {.map = toAttribute(map), .patch = toAttribute(patch)});
}

Tensor GraphBuilder::patchMerge(Tensor input) { return create<PatchMergeOp>(input); }

Tensor GraphBuilder::splitHeads(Tensor input, int64_t heads, int64_t part, int64_t parts) {
  return create<SplitHeadsOp>(input, {.heads = builder.getI64IntegerAttr(heads),
                                      .part = builder.getI64IntegerAttr(part),
                                      .parts = builder.getI64IntegerAttr(parts)});
}

Tensor GraphBuilder::mergeHeads(Tensor input) { return create<MergeHeadsOp>(input); }

Tensor GraphBuilder::matmul(Tensor lhs, Tensor rhs) { return create<MatmulOp>({lhs, rhs}); }

Tensor GraphBuilder::matmulTransposed(Tensor lhs, Tensor rhs) {
  return create<MatmulOp>({lhs, rhs}, {.transpose_rhs = builder.getUnitAttr()});
}

Tensor GraphBuilder::softmax(Tensor input) { return create<SoftmaxOp>(input); }

Tensor GraphBuilder::relativePositionBias(Tensor table, Size2D window) {
  return create<RelativePositionBiasOp>(table, {.window = toAttribute(window)});
}

Tensor GraphBuilder::shiftMask(Size2D map, Size2D window, Size2D shift) {
  return create<ShiftMaskOp>({}, {.by_class = {},
                                  .map = toAttribute(map),
                                  .shift = toAttribute(shift),
                                  .window = toAttribute(window)});
}

} // namespace oriel
