//===- PrintModel.cpp - A model as a tree of layers -----------------------===//

#include "frontend/PrintModel.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

#include <memory>

using namespace mlir;

namespace oriel {

/// PyTorch keeps the statistics of batch norms as buffers, not as parameters.
static bool isStatistic(ParamOp param) {
  return !param->use_empty() && llvm::all_of(param->getUses(), [](OpOperand &use) {
    auto norm = dyn_cast<BatchNormOp>(use.getOwner());
    return norm && (use.get() == norm.getMean() || use.get() == norm.getVariance());
  });
}

/// Calls `visit` for each trained parameter, once for each name.
static void visitParameters(ModuleOp module, llvm::function_ref<void(ParamOp)> visit) {
  llvm::StringSet<> seen;
  module.walk([&](ParamOp param) {
    if (!isStatistic(param) && seen.insert(param.getName()).second) {
      visit(param);
    }
  });
}

int64_t countParameters(ModuleOp module) {
  int64_t count = 0;
  visitParameters(module, [&](ParamOp param) { count += param.getType().getNumElements(); });
  return count;
}

namespace {

/// A layer: its ops and sublayers in the order in which they are first used.
struct Layer {
  struct Item {
    Operation *op;
    std::unique_ptr<Layer> layer;
  };

  std::string name;
  int64_t parameters = 0;
  std::vector<Item> items;

  Layer &getSublayer(StringRef sublayer) {
    for (Item &item : items) {
      if (item.layer && item.layer->name == sublayer) {
        return *item.layer;
      }
    }
    items.push_back({nullptr, std::make_unique<Layer>(Layer{sublayer.str(), 0, {}})});
    return *items.back().layer;
  }

  /// A layer that is one op: it takes a line, as PyTorch's own layers do.
  Operation *getOnlyOp() const {
    return items.size() == 1 && items.front().op ? items.front().op : nullptr;
  }
};

/// Layers from the root to the one that an op's location names.
SmallVector<Layer *> findPath(Layer &root, Operation *op) {
  SmallVector<Layer *> path = {&root};
  StringRef name = getLayerName(op->getLoc());
  if (name.empty() || name == root.name) {
    return path;
  }
  for (StringRef part : llvm::split(name, '.')) {
    path.push_back(&path.back()->getSublayer(part));
  }
  return path;
}

void printAttribute(Attribute attribute, llvm::raw_ostream &os) {
  if (auto sizes = dyn_cast<DenseI64ArrayAttr>(attribute)) {
    llvm::interleave(sizes.asArrayRef(), os, "x");
  } else if (auto number = dyn_cast<FloatAttr>(attribute)) {
    os << llvm::format("%g", number.getValueAsDouble());
  } else if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
    os << integer.getInt();
  } else {
    attribute.print(os);
  }
}

/// linear(288x96, 288) -> 1x64x49x288
void printOp(Operation *op, llvm::raw_ostream &os) {
  os << op->getName().stripDialect() << "(";
  llvm::ListSeparator separator;
  for (Value operand : op->getOperands()) {
    if (operand.getDefiningOp<ParamOp>()) {
      os << separator << formatShape(shapeOf(operand));
    }
  }
  for (NamedAttribute attribute : op->getAttrDictionary()) {
    os << separator << attribute.getName().getValue();
    if (!isa<UnitAttr>(attribute.getValue())) {
      os << "=";
      printAttribute(attribute.getValue(), os);
    }
  }
  os << ") -> " << formatShape(shapeOf(op->getResult(0)));
}

void printParameters(int64_t parameters, llvm::raw_ostream &os) {
  if (parameters != 0) {
    os << ", " << parameters << " parameters";
  }
}

void printLayer(const Layer &layer, unsigned indent, llvm::raw_ostream &os) {
  for (const Layer::Item &item : layer.items) {
    os.indent(indent);
    if (item.op) {
      printOp(item.op, os);
      os << "\n";
      continue;
    }
    const Layer &sublayer = *item.layer;
    os << "(" << sublayer.name << "): ";
    if (Operation *op = sublayer.getOnlyOp()) {
      printOp(op, os);
      printParameters(sublayer.parameters, os);
      os << "\n";
      continue;
    }
    os << sublayer.parameters << " parameters (\n";
    printLayer(sublayer, indent + 2, os);
    os.indent(indent) << ")\n";
  }
}

} // namespace

void printModel(ModuleOp module, llvm::raw_ostream &os) {
  auto name = module->getAttrOfType<StringAttr>("oriel.model");
  Layer root = {name ? name.str() : "model", 0, {}};
  module.walk([&](Operation *op) {
    bool computes = isa_and_nonnull<OrielDialect>(op->getDialect()) && op->getNumResults() == 1 &&
                    !isa<ParamOp, KernelOp>(op);
    if (computes) {
      findPath(root, op).back()->items.push_back({op, nullptr});
    }
  });
  visitParameters(module, [&](ParamOp param) {
    for (Layer *layer : findPath(root, param)) {
      layer->parameters += param.getType().getNumElements();
    }
  });
  os << root.name << "(\n";
  printLayer(root, 2, os);
  os << ")\ntotal: " << root.parameters << " parameters\n";
}

} // namespace oriel
