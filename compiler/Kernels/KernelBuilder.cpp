//===- KernelBuilder.cpp - A kernel while it is being made ----------------===//

#include "compiler/Kernels/KernelBuilder.h"

#include "compiler/Kernels/EmitObject.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::ImageParam, Halide::Var;

/// Tells Halide all of a buffer's dimensions but the extents that are known at run time only.
template <typename Buffer>
static void constrain(Buffer &&buffer, const BufferLayout &layout) {
  auto dimensions = dimensionsOf(layout);
  for (auto [index, dimension] : llvm::enumerate(dimensions)) {
    auto handle = buffer.dim(static_cast<int>(index));
    handle.set_min(dimension.min);
    handle.set_stride(dimension.stride);
    if (layout.isParameter || index + 1 < dimensions.size()) {
      handle.set_extent(dimension.extent);
    }
  }
  if (!layout.exact) {
    buffer.set_host_alignment(64);
  }
}

static Halide::Type typeOf(const BufferLayout &layout) {
  switch (layout.element) {
  case ElementType::F32:
    return Halide::Float(32);
  case ElementType::F16:
    return Halide::Float(16);
  case ElementType::U8:
    return Halide::UInt(8);
  }
  llvm_unreachable("unknown element type");
}

KernelBuilder::KernelBuilder(const KernelRequest &request, const KernelPlan &plan)
    : plan(plan), target(request.target), request(request) {
  for (auto [index, layout] : llvm::enumerate(request.inputs)) {
    parameters.emplace_back(typeOf(layout), static_cast<int>(dimensionsOf(layout).size()),
                            "in" + std::to_string(index));
    constrain(parameters.back(), layout);
  }
  outputs.resize(request.outputs.size());
}

Expr KernelBuilder::batch() const {
  for (auto [parameter, layout] : llvm::zip_equal(parameters, request.inputs)) {
    if (!layout.isParameter) {
      return parameter.dim(parameter.dimensions() - 1).extent();
    }
  }
  llvm_unreachable("planKernel refuses a kernel without an activation among its operands");
}

bool KernelBuilder::rowsAreDense() const {
  auto isDense = [](const BufferLayout &layout) { return layout.isParameter || !layout.hasHalo(); };
  return llvm::all_of(request.inputs, isDense) && llvm::all_of(request.outputs, isDense);
}

void KernelBuilder::flattenRows() {
  assert(rowsAreDense() && values.empty());
  flat = true;
}

const BufferLayout &KernelBuilder::layoutOf(Value argument) const {
  return request.inputs[cast<BlockArgument>(argument).getArgNumber()];
}

ImageParam KernelBuilder::parameterOf(Value argument) const {
  return parameters[cast<BlockArgument>(argument).getArgNumber()];
}

/// What kernels compute with of an element of memory: float16 is for memory alone.
static Expr widen(const Expr &element) {
  return element.type() == Halide::Float(16) ? Halide::cast<float>(element) : element;
}

/// A parameter in its logical dimensions, innermost first.
static Func viewParameter(const ImageParam &parameter, const BufferLayout &layout,
                          const std::string &name) {
  constexpr int width = panelWidth;
  Func view(name);
  Var i("i"), k("k"), x("x"), y("y"), o("o");
  size_t rank = layout.shape.size();
  // Not in panels, or a vector: stored as it is.
  if (!layout.packed || rank == 1) {
    view(Halide::_) = widen(parameter(Halide::_));
  } else if (rank == 2) {
    view(k, o) = widen(parameter(o % width, k, o / width));
  } else if (layout.storage.size() == 3) {
    view(x, y, i, o) = widen(parameter(o, x, y));
  } else {
    view(x, y, i, o) = widen(parameter(o % width, i, x, y, o / width));
  }
  return view;
}

/// A matrix or filter that is not in panels: the outermost coordinate, which families round up to
/// panels, is clamped.
static Func clampOutermost(const Func &view, const BufferLayout &layout, const std::string &name) {
  if (layout.packed || layout.shape.size() < 2) {
    return view;
  }
  Func clamped(name);
  std::vector<Var> arguments = view.args();
  std::vector<Expr> at(arguments.begin(), arguments.end());
  at.back() = clamp(at.back(), 0, static_cast<int>(layout.shape[0]) - 1);
  clamped(arguments) = view(at);
  return clamped;
}

DefinedValue KernelBuilder::makeView(unsigned operand) {
  const BufferLayout &layout = request.inputs[operand];
  const ImageParam &parameter = parameters[operand];
  std::string name = "view" + std::to_string(operand);
  if (layout.isParameter) {
    Func view = viewParameter(parameter, layout, name);
    return {clampOutermost(view, layout, name + "_clamped"), layout.shape, true};
  }
  DefinedValue result{Func(name), layout.shape, false, layout.haloY, layout.haloX};
  size_t rank = flat ? 2 : layout.shape.size();
  std::vector<Var> arguments = outerDimensions(rank - 1);
  arguments.insert(arguments.begin(), Var("c"));
  std::vector<Expr> at(arguments.begin(), arguments.end());
  // Without a halo the rows lie one behind the other, so the coordinate next to the innermost
  // serves for all of them.
  int64_t rows = 1;
  if (flat) {
    rows = llvm::product_of(llvm::ArrayRef(layout.shape).drop_front().drop_back());
    result.shape = {rows, layout.shape.back()};
  }
  for (size_t i = 1; layout.exact && i < rank; ++i) {
    Expr extent = flat ? batch() * static_cast<int>(rows)
                  : i + 1 == rank
                      ? batch()
                      : Expr(static_cast<int>(layout.shape[layout.shape.size() - 1 - i]));
    at[i] = clamp(at[i], 0, extent - 1);
  }
  at.resize(layout.shape.size(), Expr(0));
  result.func(arguments) = widen(parameter(at));
  return result;
}

const DefinedValue &KernelBuilder::get(Value value) {
  if (auto known = values.find(value); known != values.end()) {
    return known->second;
  }
  DefinedValue defined;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    defined = makeView(argument.getArgNumber());
  } else {
    llvm::SmallVector<DefinedValue> operands;
    for (Value operand : value.getDefiningOp()->getOperands()) {
      operands.push_back(get(operand));
    }
    defined = define(value.getDefiningOp(), operands);
  }
  return values[value] = defined;
}

void KernelBuilder::set(Value value, DefinedValue defined) { values[value] = std::move(defined); }

Value KernelBuilder::result(unsigned index) const {
  return const_cast<KernelOp &>(request.op).getYield().getValues()[index];
}

/// Whether reading rows of this memory in whole panels would end behind it.
static bool hasPartialPanels(const BufferLayout &layout) {
  return layout.exact && layout.pitch % panelWidth != 0;
}

int KernelBuilder::storedChannels(unsigned index) const {
  const BufferLayout &layout = request.outputs[index];
  bool partial = layout.exact;
  for (Operation *op : plan.epilogue) {
    for (Value operand : op->getOperands()) {
      partial |= isa<BlockArgument>(operand) && hasPartialPanels(layoutOf(operand));
    }
  }
  int64_t channels = layout.shape.back();
  return static_cast<int>(partial ? channels : roundUpToPanel(channels));
}

bool KernelBuilder::readsPartialPanels() const {
  return llvm::any_of(request.inputs, hasPartialPanels);
}

Expr KernelBuilder::toStored(const Expr &value, unsigned index) const {
  return Halide::cast(typeOf(request.outputs[index]), value);
}

Expr KernelBuilder::unset(unsigned index) const {
  return Halide::undef(typeOf(request.outputs[index]));
}

Func KernelBuilder::defineOutput(unsigned index) {
  const DefinedValue &value = get(result(index));
  std::vector<Var> arguments = outerDimensions(value.rank() - 1);
  arguments.insert(arguments.begin(), Var("c"));
  Func output("out" + std::to_string(index));
  output(arguments) =
      toStored(value.func(std::vector<Expr>(arguments.begin(), arguments.end())), index);
  return output;
}

void KernelBuilder::setOutput(unsigned index, Func func, int channels) {
  const BufferLayout &layout = request.outputs[index];
  auto dimensions = dimensionsOf(layout);
  std::vector<Var> arguments = func.args();
  auto buffer = func.output_buffer();
  // The region to compute is `bound`, apart from what the memory holds: the halo is not written.
  func.bound(arguments[0], 0, channels);
  for (size_t i = 0; i < arguments.size(); ++i) {
    buffer.dim(static_cast<int>(i)).set_min(dimensions[i].min);
    buffer.dim(static_cast<int>(i)).set_stride(dimensions[i].stride);
  }
  if (flat) {
    auto rows = llvm::product_of(llvm::ArrayRef(layout.shape).drop_front().drop_back());
    func.bound(arguments[1], 0, batch() * static_cast<int>(rows));
  } else {
    for (size_t i = 1; i + 1 < arguments.size(); ++i) {
      func.bound(arguments[i], 0, static_cast<int>(layout.shape[layout.shape.size() - 1 - i]));
    }
    if (arguments.size() > 1) {
      func.bound(arguments.back(), 0, batch());
    }
  }
  if (!layout.exact) {
    buffer.set_host_alignment(64);
  }
  outputs[index] = func;
}

int64_t KernelBuilder::choose(llvm::StringRef name, int64_t preferred,
                              std::vector<int64_t> accepted) {
  choices.push_back(
      makeScheduleChoice(request.parameters, name.str(), preferred, std::move(accepted)));
  return choices.back().chosen;
}

void KernelBuilder::describe(const llvm::Twine &text) {
  schedule += (schedule.empty() ? "" : ", ") + text.str();
}

llvm::Expected<CompiledKernel> KernelBuilder::compile() {
  auto kernel = emitObject(outputs, parameters, request.name, target, prefetches);
  if (kernel) {
    kernel->choices = choices;
    kernel->schedule = getName(plan.family).str() + (schedule.empty() ? "" : ": ") + schedule;
  }
  return kernel;
}
