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
// GraphTensor
//===----------------------------------------------------------------------===//

ArrayRef<int64_t> GraphTensor::getShape() const {
  return value ? shapeOf(value) : ArrayRef<int64_t>();
}

int64_t GraphTensor::getDim(int dimension) const {
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

GraphTensor GraphBuilder::addInput(StringRef name, ArrayRef<int64_t> shape, Type element) {
  if (hasFailed() || !checkShape(name, shape)) {
    return {};
  }
  Location location = NameLoc::get(builder.getStringAttr(name));
  return GraphTensor(body->addArgument(RankedTensorType::get(shape, element), location));
}

GraphTensor GraphBuilder::input(StringRef name, ArrayRef<int64_t> shape) {
  return addInput(name, shape, builder.getF32Type());
}

GraphTensor GraphBuilder::pixelInput(StringRef name, ArrayRef<int64_t> shape) {
  return addInput(name, shape, builder.getIntegerType(8, /*isSigned=*/false));
}

GraphTensor GraphBuilder::parameter(StringRef name, ArrayRef<int64_t> shape) {
  std::string fullName = layerName.empty() ? name.str() : layerName + "." + name.str();
  if (hasFailed() || !checkShape(name, shape)) {
    return {};
  }
  GraphTensor &known = parameters[fullName];
  if (!known) {
    known = GraphTensor(
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

llvm::Expected<OwningOpRef<ModuleOp>> GraphBuilder::finish(GraphTensor result) {
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
GraphTensor GraphBuilder::create(ArrayRef<GraphTensor> operands,
                                 typename Op::Properties properties) {
  if (hasFailed()) {
    return {};
  }
  OperationState state(getLocation(), Op::getOperationName());
  for (GraphTensor operand : operands) {
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
  return GraphTensor(builder.create(state)->getResult(0));
}

DenseI64ArrayAttr GraphBuilder::toAttribute(Size2D size) {
  return builder.getDenseI64ArrayAttr({size.height, size.width});
}

/// `operands`, and `optional` unless it is null.
static SmallVector<GraphTensor> withOptional(std::initializer_list<GraphTensor> operands,
                                             GraphTensor optional) {
  SmallVector<GraphTensor> all(operands);
  if (optional) {
    all.push_back(optional);
  }
  return all;
}

GraphTensor GraphBuilder::conv2d(GraphTensor input, GraphTensor filter, GraphTensor bias,
                                 const Conv2DOptions &options) {
  return create<Conv2DOp>(withOptional({input, filter}, bias),
                          {.groups = builder.getI64IntegerAttr(options.groups),
                           .padding = toAttribute(options.padding),
                           .strides = toAttribute(options.stride)});
}

GraphTensor GraphBuilder::batchNorm(GraphTensor input, GraphTensor gamma, GraphTensor beta,
                                    GraphTensor mean, GraphTensor variance, double epsilon) {
  return create<BatchNormOp>({input, gamma, beta, mean, variance},
                             {.epsilon = builder.getF64FloatAttr(epsilon)});
}

GraphTensor GraphBuilder::normalizeImage(GraphTensor pixels, ArrayRef<double> mean,
                                         ArrayRef<double> deviation) {
  return create<NormalizeImageOp>(pixels, {.mean = builder.getDenseF64ArrayAttr(mean),
                                           .std = builder.getDenseF64ArrayAttr(deviation)});
}

GraphTensor GraphBuilder::concat(ArrayRef<GraphTensor> inputs) { return create<ConcatOp>(inputs); }

GraphTensor GraphBuilder::globalAvgPool(GraphTensor input) {
  return create<GlobalAvgPoolOp>(input);
}

GraphTensor GraphBuilder::permute(GraphTensor input, ArrayRef<int64_t> permutation) {
  return create<PermuteOp>(input, {.permutation = builder.getDenseI64ArrayAttr(permutation)});
}

GraphTensor GraphBuilder::silu(GraphTensor input) { return create<SiluOp>(input); }

GraphTensor GraphBuilder::gelu(GraphTensor input) { return create<GeluOp>(input); }

GraphTensor GraphBuilder::scale(GraphTensor input, double factor) {
  return create<ScaleOp>(input, {.factor = builder.getF64FloatAttr(factor)});
}

GraphTensor GraphBuilder::add(GraphTensor lhs, GraphTensor rhs) {
  return create<AddOp>({lhs, rhs});
}

GraphTensor GraphBuilder::layerNorm(GraphTensor input, GraphTensor gamma, GraphTensor beta,
                                    double epsilon) {
  return create<LayerNormOp>({input, gamma, beta}, {.epsilon = builder.getF64FloatAttr(epsilon)});
}

GraphTensor GraphBuilder::linear(GraphTensor input, GraphTensor weight, GraphTensor bias) {
  return create<LinearOp>(withOptional({input, weight}, bias));
}

GraphTensor GraphBuilder::roll(GraphTensor input, Size2D shift) {
  return create<RollOp>(input, {.shift = toAttribute(shift)});
}

GraphTensor GraphBuilder::windowPartition(GraphTensor input, Size2D window) {
  return create<WindowPartitionOp>(input, {.window = toAttribute(window)});
}

GraphTensor GraphBuilder::windowReverse(GraphTensor input, Size2D window, Size2D map) {
  return create<WindowReverseOp>(input, {.map = toAttribute(map), .window = toAttribute(window)});
}

GraphTensor GraphBuilder::unfoldPatches(GraphTensor input, Size2D patch) {
  return create<UnfoldPatchesOp>(input, {.patch = toAttribute(patch)});
}

GraphTensor GraphBuilder::foldPatches(GraphTensor input, Size2D patch, Size2D map) {
  return create<FoldPatchesOp>(input, {.map = toAttribute(map), .patch = toAttribute(patch)});
}

GraphTensor GraphBuilder::patchMerge(GraphTensor input) { return create<PatchMergeOp>(input); }

GraphTensor GraphBuilder::splitHeads(GraphTensor input, int64_t heads, int64_t part,
                                     int64_t parts) {
  return create<SplitHeadsOp>(input, {.heads = builder.getI64IntegerAttr(heads),
                                      .part = builder.getI64IntegerAttr(part),
                                      .parts = builder.getI64IntegerAttr(parts)});
}

GraphTensor GraphBuilder::mergeHeads(GraphTensor input) { return create<MergeHeadsOp>(input); }

GraphTensor GraphBuilder::matmul(GraphTensor lhs, GraphTensor rhs) {
  return create<MatmulOp>({lhs, rhs});
}

GraphTensor GraphBuilder::matmulTransposed(GraphTensor lhs, GraphTensor rhs) {
  return create<MatmulOp>({lhs, rhs}, {.transpose_rhs = builder.getUnitAttr()});
}

GraphTensor GraphBuilder::softmax(GraphTensor input) { return create<SoftmaxOp>(input); }

GraphTensor GraphBuilder::relativePositionBias(GraphTensor table, Size2D window) {
  return create<RelativePositionBiasOp>(table, {.window = toAttribute(window)});
}

GraphTensor GraphBuilder::shiftMask(Size2D map, Size2D window, Size2D shift) {
  return create<ShiftMaskOp>({}, {.by_class = {},
                                  .map = toAttribute(map),
                                  .shift = toAttribute(shift),
                                  .window = toAttribute(window)});
}

} // namespace oriel
