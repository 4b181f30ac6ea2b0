//===- LaunchProgram.h - The launches of a program, interpreted -----------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_LAUNCHPROGRAM_H
#define ORIEL_TOOLS_ORIEL_COMPARE_LAUNCHPROGRAM_H

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Reference/ErrorBounds.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"

namespace oriel {

/// A launch and what it computes. A kernel's region is shared by its launches; its locations are
/// those of the first.
struct ProgramLaunch {
  exec::LaunchOp op;
  KernelOp computation;
  /// Of the anchor.
  std::string layer;
  /// For each output, whose result it is; the anchor's where nothing says it.
  std::vector<std::string> storedLayers;
};

/// Values of a program's buffers, each from when it is stored to its last reader.
class Activations {
public:
  void define(mlir::Value buffer, Tensor value);
  const Tensor &at(mlir::Value buffer) const { return values.at(buffer).value; }
  /// To be called after each launch, once: frees what no later one reads.
  void finish(const ProgramLaunch &launch);

private:
  struct Activation {
    Tensor value;
    int64_t readersLeft;
  };
  llvm::DenseMap<mlir::Value, Activation> values;
};

/// The program of a module of phase exec. The module must live as long, and stay as it is.
class LaunchProgram {
public:
  /// Computes what @prepare does. Fails where a parameter is missing.
  static llvm::Expected<LaunchProgram> create(mlir::ModuleOp module,
                                              const ParameterSource &parameters);

  llvm::ArrayRef<ProgramLaunch> getLaunches() const { return launches; }
  /// The buffers of the inputs and outputs, by their index.
  llvm::ArrayRef<mlir::Value> getInputs() const { return inputs; }
  llvm::ArrayRef<mlir::Value> getOutputs() const { return outputs; }
  /// The batch that the module was compiled for, the only one that can be interpreted.
  int64_t getBatch() const { return batch; }

  /// What a launch computes of the activations that it reads, in float32 whatever the precision; of
  /// parameters it reads what the module holds.
  llvm::Expected<std::vector<Tensor>> interpret(const ProgramLaunch &launch,
                                                const Activations &activations) const;
  /// What it stores, and how far a kernel may be from it that reads the same activations, to the
  /// last bit.
  llvm::Expected<std::vector<BoundedTensor>>
  interpretWithBounds(const ProgramLaunch &launch, const Activations &activations,
                      Rounding rounding = Rounding::Worst) const;

private:
  LaunchProgram() = default;
  /// Calls `function` with the value of each of the computation's operands, and whether it is a
  /// parameter's.
  template <typename Function>
  void forEachOperand(const ProgramLaunch &launch, const Activations &activations,
                      Function function) const;

  std::vector<ProgramLaunch> launches;
  std::vector<mlir::Value> inputs, outputs;
  int64_t batch = 1;
  llvm::StringMap<BoundedTensor> prepared;
};

/// The shape of a buffer's tensor.
std::vector<int64_t> shapeOfBuffer(mlir::Value buffer);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_LAUNCHPROGRAM_H
