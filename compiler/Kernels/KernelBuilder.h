//===- KernelBuilder.h - A kernel while it is being made ------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELBUILDER_H
#define ORIEL_COMPILER_KERNELS_KERNELBUILDER_H

#include "compiler/Kernels/Define.h"
#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Kernels/Prefetches.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace oriel {

/// panelWidth as Halide takes it: the vector of every schedule. Where registers are half as wide,
/// LLVM takes two.
inline constexpr int panelLanes = static_cast<int>(panelWidth);

/// Holds the Funcs of a region's values from the operands on. A family asks for the values that it
/// schedules, may put other Funcs in their place, and names the outputs.
class KernelBuilder {
public:
  KernelBuilder(const KernelRequest &request, const KernelPlan &plan);

  const KernelPlan &plan;
  const KernelTarget &target;

  /// The batch, a run-time value: extent of the outermost dimension of the activations.
  Halide::Expr batch() const;

  /// Whether every activation among operands and results is dense over its rows (all dimensions but
  /// the last), so that all rows of the batch can be one dimension.
  bool rowsAreDense() const;
  /// Makes operands and outputs (c, row) instead of (c, ..., b). Only where rowsAreDense, with ops
  /// that act on rows, and before the first `get`.
  void flattenRows();
  bool isFlat() const { return flat; }

  /// The Func of a value: of an operand a view of its memory in logical dimensions (a packed
  /// parameter's, too), else what `define` makes of its op. Inlined unless the caller schedules it.
  /// Views of the caller's memory clamp all but the innermost coordinate and those of an arena
  /// buffer nothing, so that register tiles may read over the edge.
  const DefinedValue &get(mlir::Value value);
  /// Replaces what get(value) returns, for the ops not yet defined.
  void set(mlir::Value value, DefinedValue defined);

  /// The memory of an operand (a block argument of the region).
  const BufferLayout &layoutOf(mlir::Value argument) const;
  Halide::ImageParam parameterOf(mlir::Value argument) const;
  unsigned resultCount() const { return static_cast<unsigned>(outputs.size()); }
  /// The value that the kernel stores as output `index`.
  mlir::Value result(unsigned index = 0) const;
  const BufferLayout &outputLayout(unsigned index = 0) const { return request.outputs[index]; }

  /// Channels to compute of an output: whole panels where its memory has room for them and the
  /// epilogue may read them.
  int storedChannels(unsigned index = 0) const;
  /// Whether an operand is the caller's memory with rows that are no whole panels: reading its rows
  /// in whole vectors would end behind it.
  bool readsPartialPanels() const;
  /// A value of float32 as output `index` keeps it: to float16 rounded to the nearest, ties to
  /// even.
  Halide::Expr toStored(const Halide::Expr &value, unsigned index = 0) const;
  /// What the pure definition of output `index` is where updates alone store it.
  Halide::Expr unset(unsigned index = 0) const;
  /// A Func of the dimensions of the region's result `index` that is what toStored makes of it.
  Halide::Func defineOutput(unsigned index = 0);
  /// Makes `func`, of the natural dimensions or flat and of what toStored makes, the output
  /// `index`: sets the region to compute (the logical one and `channels` of each row) and the
  /// memory's strides.
  void setOutput(unsigned index, Halide::Func func, int channels);

  /// A size of the schedule: the request's value of that name if it is among `accepted`, else
  /// `preferred`. Each name once.
  int64_t choose(llvm::StringRef name, int64_t preferred, std::vector<int64_t> accepted);

  /// Adds to the kernel's schedule in words.
  void describe(const llvm::Twine &text);

  /// Adds to the code that fetches the panels read next.
  void setPrefetch(PanelPrefetch panels) { prefetches.panels = std::move(panels); }
  /// Adds to the code that fetches what the next task loads.
  void addPrefetch(TaskPrefetch task) { prefetches.tasks.push_back(std::move(task)); }

  llvm::Expected<CompiledKernel> compile();

private:
  DefinedValue makeView(unsigned operand);

  const KernelRequest &request;
  bool flat = false;
  std::vector<Halide::ImageParam> parameters;
  std::vector<Halide::Func> outputs;
  llvm::DenseMap<mlir::Value, DefinedValue> values;
  std::string schedule;
  std::vector<ScheduleChoice> choices;
  Prefetches prefetches;
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELBUILDER_H
