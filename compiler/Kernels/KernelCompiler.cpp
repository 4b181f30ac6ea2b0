//===- KernelCompiler.cpp - From a kernel region to an object -------------===//

#include "compiler/Kernels/KernelCompiler.h"

#include "compiler/Kernels/Families.h"

using namespace oriel;

/// The schedule of a family; null where there is none.
static void (*scheduleOf(KernelFamily family))(KernelBuilder &) {
  switch (family) {
  case KernelFamily::Elementwise:
    return buildElementwise;
  default:
    return nullptr;
  }
}

llvm::Expected<CompiledKernel> oriel::compileKernel(const KernelRequest &request) {
  std::string refusal;
  auto plan = planKernel(request.op, &refusal);
  if (failed(plan)) {
    return llvm::createStringError("kernel compiler: " + refusal);
  }
  auto *schedule = scheduleOf(plan->family);
  if (!schedule) {
    return llvm::createStringError("kernel compiler: no schedule for kernels of family '" +
                                   getName(plan->family) + "'");
  }
  try {
    KernelBuilder builder(request, *plan);
    schedule(builder);
    return builder.compile();
  } catch (const Halide::Error &error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return llvm::createStringError("kernel compiler: halide: " + text);
  }
}
