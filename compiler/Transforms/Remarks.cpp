//===- Remarks.cpp - What was fused and what was not ----------------------===//

#include "compiler/Transforms/Remarks.h"
#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace oriel {

static constexpr StringLiteral fusionCategory = "fusion";

static remark::RemarkOpts makeOptions(StringRef pass) {
  return remark::RemarkOpts::name(pass).category(fusionCategory);
}

void remarkNotFused(Operation *op, StringRef pass, const Twine &reason) {
  auto remark = remark::missed(op->getLoc(), makeOptions(pass));
  if (remark) {
    remark << StringRef(reason.str());
  }
}

void remarkGain(Operation *op, StringRef pass, const Twine &gain) {
  auto remark = remark::analysis(op->getLoc(), makeOptions(pass));
  if (remark) {
    remark << StringRef(gain.str());
  }
}

namespace {

/// Passes remarks on as they come.
struct Collector : remark::detail::MLIRRemarkStreamerBase {
  explicit Collector(std::function<void(const FusionRemark &)> collect)
      : collect(std::move(collect)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    bool missed = remark.getRemarkType() == llvm::remarks::Type::Missed;
    std::string text;
    for (const auto &part : remark.getArgs()) {
      text += part.val;
    }
    collect({missed ? FusionRemark::Kind::NotFused : FusionRemark::Kind::Gain,
             remark.getRemarkName().str(), getLayerName(remark.getLocation()).str(), text});
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
  categories.missed = categories.analysis = fusionCategory.str();
  return remark::enableOptimizationRemarks(context, std::make_unique<Collector>(std::move(collect)),
                                           std::make_unique<remark::RemarkEmittingPolicyAll>(),
                                           categories);
}

} // namespace oriel
