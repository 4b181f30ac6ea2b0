//===- KernelCompiler.cpp - From a kernel region to an object -------------===//

#include "compiler/Kernels/KernelCompiler.h"

#include "compiler/Kernels/Families.h"

using namespace oriel;

int64_t KernelRequest::parameterBytes() const {
  int64_t sum = 0;
  for (const BufferLayout &layout : inputs) {
    sum += layout.isParameter ? bytes(layout) : 0;
  }
  return sum;
}

/// The schedule of a family.
static void (*scheduleOf(KernelFamily family))(KernelBuilder &) {
  switch (family) {
  case KernelFamily::Attention:
    return buildAttention;
  case KernelFamily::AttentionProjection:
    return buildAttentionProjection;
  case KernelFamily::BatchedMatmul:
    return buildBatchedMatmul;
  case KernelFamily::Convolution:
    return buildConvolution;
  case KernelFamily::DepthwiseConvolution:
    return buildDepthwiseConvolution;
  case KernelFamily::Elementwise:
    return buildElementwise;
  case KernelFamily::Gemm:
    return buildGemm;
  case KernelFamily::InvertedResidual:
    return buildInvertedResidual;
  case KernelFamily::Mlp:
    return buildMlp;
  case KernelFamily::RowReduction:
    return buildRowReduction;
  case KernelFamily::WinogradConvolution:
    return buildWinogradConvolution;
  }
  llvm_unreachable("all families have a schedule");
}

/// The schedule of a family on a device.
static void (*deviceScheduleOf(KernelFamily family))(KernelBuilder &) {
  switch (family) {
  case KernelFamily::Attention:
    return buildAttention;
  case KernelFamily::BatchedMatmul:
    return buildBatchedMatmulOnGpu;
  case KernelFamily::Convolution:
  case KernelFamily::DepthwiseConvolution:
    return buildConvolutionOnGpu;
  case KernelFamily::Elementwise:
    return buildElementwiseOnGpu;
  case KernelFamily::Gemm:
    return buildGemmOnGpu;
  case KernelFamily::AttentionProjection:
  case KernelFamily::InvertedResidual:
    return nullptr;
  case KernelFamily::Mlp:
    return buildMlpOnGpu;
  case KernelFamily::RowReduction:
    return buildRowReductionOnGpu;
  case KernelFamily::WinogradConvolution:
    return buildWinogradConvolutionOnGpu;
  }
  llvm_unreachable("all families have a schedule");
}

namespace {
/// Keeps Halide's warnings from stderr while it lives. Where an output has a halo, Halide warns
/// that the region to compute is not the buffer's, an assertion that kernels are built without.
class QuietHalide : public Halide::CompileTimeErrorReporter {
public:
  QuietHalide() { Halide::set_custom_compile_time_error_reporter(this); }
  ~QuietHalide() override { Halide::set_custom_compile_time_error_reporter(nullptr); }

  void warning(const char *) override {}
  void error(const char *message) override { throw Halide::CompileError(message); }
};
} // namespace

llvm::Expected<CompiledKernel> oriel::compileKernel(const KernelRequest &request) {
  std::string refusal;
  auto plan = planKernel(request.op, &refusal);
  if (failed(plan)) {
    return llvm::createStringError("kernel compiler: " + refusal);
  }
  QuietHalide quiet;
  try {
    KernelBuilder builder(request, *plan);
    auto *schedule =
        request.target.isGpu() ? deviceScheduleOf(plan->family) : scheduleOf(plan->family);
    if (!schedule) {
      return llvm::createStringError("kernel compiler: devices have no kernel of family '" +
                                     getName(plan->family) +
                                     "'; compile from phase graph, with all targets at once");
    }
    schedule(builder);
    return builder.compile();
  } catch (const Halide::Error &error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return llvm::createStringError("kernel compiler: halide: " + text);
  }
}
