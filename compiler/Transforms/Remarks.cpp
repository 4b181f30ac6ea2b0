//===- Remarks.cpp - What was fused and what was not ----------------------===//

#include "compiler/Transforms/Remarks.h"
#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace oriel {

static constexpr StringLiteral fusionCategory = "fusion";
/// Keys of what a remark holds beside its sentence.
static constexpr StringLiteral layersKey = "Layers", savedBytesKey = "SavedBytes";

static remark::RemarkOpts makeOptions(StringRef pass) {
  return remark::RemarkOpts::name(pass).category(fusionCategory);
}

static void fill(remark::detail::InFlightRemark &remark, const Twine &text,
                 ArrayRef<std::string> layers) {
  if (!remark) {
    return;
  }
  remark << StringRef(text.str());
  if (!layers.empty()) {
    remark << remark::detail::Remark::Arg(layersKey, llvm::join(layers, ","));
  }
}

StringRef getName(FusionRemark::Kind kind) {
  switch (kind) {
  case FusionRemark::Kind::Fused:
    return "fused";
  case FusionRemark::Kind::NotFused:
    return "not-fused";
  case FusionRemark::Kind::Gain:
    return "gain";
  }
  llvm_unreachable("all kinds have a name");
}

llvm::json::Object toJson(const FusionRemark &remark) {
  llvm::json::Object object{{"kind", getName(remark.kind)},
                            {"pass", remark.pass},
                            {"layer", remark.layer},
                            {"text", remark.text}};
  if (!remark.layers.empty()) {
    object["layers"] = llvm::json::Array(remark.layers);
  }
  if (remark.savedBytes != 0) {
    object["saved_bytes"] = remark.savedBytes;
  }
  return object;
}

void remarkFused(Operation *op, StringRef pass, const Twine &text, ArrayRef<std::string> layers) {
  auto remark = remark::passed(op->getLoc(), makeOptions(pass));
  fill(remark, text, layers);
}

void remarkNotFused(Operation *op, StringRef pass, const Twine &reason,
                    ArrayRef<std::string> layers) {
  auto remark = remark::missed(op->getLoc(), makeOptions(pass));
  fill(remark, reason, layers);
}

void remarkGain(Operation *op, StringRef pass, const Twine &gain, int64_t savedBytes) {
  auto remark = remark::analysis(op->getLoc(), makeOptions(pass));
  fill(remark, gain, {});
  if (savedBytes != 0) {
    remark << remark::detail::Remark::Arg(savedBytesKey, savedBytes);
  }
}

namespace {

/// Passes remarks on as they come.
struct Collector : remark::detail::MLIRRemarkStreamerBase {
  explicit Collector(std::function<void(const FusionRemark &)> collect)
      : collect(std::move(collect)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    FusionRemark result{kindOf(remark.getRemarkType()),
                        remark.getRemarkName().str(),
                        getLayerName(remark.getLocation()).str(),
                        "",
                        {}};
    for (const auto &part : remark.getArgs()) {
      if (part.key == layersKey) {
        SmallVector<StringRef> layers;
        StringRef(part.val).split(layers, ',');
        result.layers.assign(layers.begin(), layers.end());
      } else if (part.key == savedBytesKey) {
        (void)llvm::to_integer(part.val, result.savedBytes);
      } else {
        result.text += part.val;
      }
    }
    collect(result);
  }

  static FusionRemark::Kind kindOf(llvm::remarks::Type type) {
    if (type == llvm::remarks::Type::Passed) {
      return FusionRemark::Kind::Fused;
    }
    return type == llvm::remarks::Type::Missed ? FusionRemark::Kind::NotFused
                                               : FusionRemark::Kind::Gain;
  }

  std::function<void(const FusionRemark &)> collect;
};

} // namespace

LogicalResult collectFusionRemarks(MLIRContext &context,
                                   std::function<void(const FusionRemark &)> collect) {
  if (context.getRemarkEngine()) {
    return failure();
  }
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.analysis = fusionCategory.str();
  return remark::enableOptimizationRemarks(context, std::make_unique<Collector>(std::move(collect)),
                                           std::make_unique<remark::RemarkEmittingPolicyAll>(),
                                           categories);
}

} // namespace oriel
