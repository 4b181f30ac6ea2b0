//===- GraphBuilder.h - Writes a model as a graph of oriel ops ------------===//
//
// The C++ frontend. A model is a function that calls a method of the builder for each op:
//
//   GraphBuilder builder(context, "two_layers");
//   GraphTensor x = builder.input("features", {1, 64});
//   for (int i = 0; i < 2; ++i) {
//     Scope scope(builder, "layers." + llvm::Twine(i));
//     x = builder.linear(x, builder.parameter("weight", {64, 64}), builder.parameter("bias",
//     {64})); x = builder.gelu(x);
//   }
//   llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> module = builder.finish(x);
//
// Scopes name layers: the ops above are at loc("layers.0") and loc("layers.1"), the parameters are
// "layers.0.weight" and so on, the names of PyTorch's state_dict.
//
// Errors: the builder keeps the first one, as one line that begins with the layer's name and shows
// the shapes. From then on tensors are null, methods do nothing, and finish() returns the error.
// So a model is written without a check after each op.
//
// Layouts are those of the dialect (compiler/Dialect/Graph/GraphDialect.td): feature map
// [B, H, W, C], tokens [B, G, T, C], heads [B, G, heads, T, d], vector [B, C]; parameters have
// PyTorch's shapes. The formula of a method is in the description of the op of that name.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_FRONTEND_GRAPHBUILDER_H
#define ORIEL_FRONTEND_GRAPHBUILDER_H

#include "frontend/Preprocessing.h"
#include "frontend/Size2D.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace oriel {

/// A tensor of the graph, float32 unless it is pixels. Cheap to copy; null after an error.
class GraphTensor {
public:
  GraphTensor() = default;

  explicit operator bool() const { return static_cast<bool>(value); }

  /// Sizes of all dimensions; none for a null tensor.
  llvm::ArrayRef<int64_t> getShape() const;

  /// Size of a dimension, counted from the end where negative. 1 where there is no such dimension,
  /// so that arithmetic with it is defined for null tensors, too.
  int64_t getDim(int dimension) const;

  /// Height and width of a feature map [B, H, W, C].
  Size2D getMapSize() const { return {getDim(1), getDim(2)}; }

  /// Size of the last dimension.
  int64_t getChannels() const { return getDim(-1); }

private:
  friend class GraphBuilder;
  explicit GraphTensor(mlir::Value value) : value(value) {}

  mlir::Value value;
};

struct Conv2DOptions {
  Size2D stride = {1, 1};
  /// Rows of zeros above and below, columns left and right.
  Size2D padding = {0, 0};
  int64_t groups = 1;
};

class GraphBuilder {
public:
  /// Begins an empty model. The context must outlive the builder and the module.
  GraphBuilder(mlir::MLIRContext &context, llvm::StringRef modelName);
  ~GraphBuilder();

  /// The next argument of the model's function.
  GraphTensor input(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The next argument, of 8 bits: pixels [B, H, W, C] for normalizeImage.
  GraphTensor pixelInput(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The tensor of the weights file that the current scope calls `name`. Naming one twice gives the
  /// same tensor; with another shape it is an error.
  GraphTensor parameter(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// How an image becomes the model's first input; attached to the module.
  void setPreprocessing(const Preprocessing &preprocessing);

  // Feature maps.
  /// `bias` may be null.
  GraphTensor conv2d(GraphTensor input, GraphTensor filter, GraphTensor bias,
                     const Conv2DOptions &options);
  GraphTensor batchNorm(GraphTensor input, GraphTensor gamma, GraphTensor beta, GraphTensor mean,
                        GraphTensor variance, double epsilon);
  /// Pixels to a feature map; mean and deviation of each channel.
  GraphTensor normalizeImage(GraphTensor pixels, llvm::ArrayRef<double> mean,
                             llvm::ArrayRef<double> deviation);
  /// Joins along the channels.
  GraphTensor concat(llvm::ArrayRef<GraphTensor> inputs);
  /// [B, H, W, C] to [B, C].
  GraphTensor globalAvgPool(GraphTensor input);
  GraphTensor permute(GraphTensor input, llvm::ArrayRef<int64_t> permutation);

  // Rows and elements.
  GraphTensor silu(GraphTensor input);
  GraphTensor gelu(GraphTensor input);
  GraphTensor scale(GraphTensor input, double factor);
  /// Broadcasts as NumPy does.
  GraphTensor add(GraphTensor lhs, GraphTensor rhs);
  GraphTensor layerNorm(GraphTensor input, GraphTensor gamma, GraphTensor beta, double epsilon);
  /// Weight [N, K], bias [N] or null.
  GraphTensor linear(GraphTensor input, GraphTensor weight, GraphTensor bias);

  // Movement of windows and patches.
  /// As torch.roll over height and width.
  GraphTensor roll(GraphTensor input, Size2D shift);
  GraphTensor windowPartition(GraphTensor input, Size2D window);
  GraphTensor windowReverse(GraphTensor input, Size2D window, Size2D map);
  GraphTensor unfoldPatches(GraphTensor input, Size2D patch);
  GraphTensor foldPatches(GraphTensor input, Size2D patch, Size2D map);
  GraphTensor patchMerge(GraphTensor input);

  // Attention.
  /// Part `part` of `parts` (0 of 3 is the query of a qkv projection), by heads.
  GraphTensor splitHeads(GraphTensor input, int64_t heads, int64_t part, int64_t parts);
  GraphTensor mergeHeads(GraphTensor input);
  GraphTensor matmul(GraphTensor lhs, GraphTensor rhs);
  /// lhs times the transpose of rhs.
  GraphTensor matmulTransposed(GraphTensor lhs, GraphTensor rhs);
  GraphTensor softmax(GraphTensor input);
  /// Table [(2 wh - 1)(2 ww - 1), heads] to [heads, wh*ww, wh*ww].
  GraphTensor relativePositionBias(GraphTensor table, Size2D window);
  /// [windows, 1, wh*ww, wh*ww].
  GraphTensor shiftMask(Size2D map, Size2D window, Size2D shift);

  /// Records an error of the current layer: "<layer>: <message>". Later ones are dropped.
  void fail(const llvm::Twine &message);

  bool hasFailed() const { return error.has_value(); }

  /// Dotted name of the current layer; empty outside of any scope.
  llvm::StringRef getLayerName() const { return layerName; }

  /// Ends the model with its result: a verified module with the function `@main` and the
  /// attributes `oriel.model` and `oriel.preprocessing`, or the first error. To be called once.
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> finish(GraphTensor result);

private:
  friend class Scope;

  template <typename Op>
  GraphTensor create(llvm::ArrayRef<GraphTensor> operands, typename Op::Properties properties = {});
  GraphTensor addInput(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Location getLocation();
  bool checkShape(llvm::StringRef what, llvm::ArrayRef<int64_t> shape);
  mlir::DenseI64ArrayAttr toAttribute(Size2D size);

  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::Block *body = nullptr;
  std::string modelName;
  std::string layerName;
  llvm::StringMap<GraphTensor> parameters;
  std::optional<std::string> error;
};

/// While it lives, the builder's layer is the sublayer `name` (which may have dots) of what it was.
class [[nodiscard]] Scope {
public:
  Scope(GraphBuilder &builder, const llvm::Twine &name);
  ~Scope();
  Scope(const Scope &) = delete;
  Scope &operator=(const Scope &) = delete;

private:
  GraphBuilder &builder;
  size_t outerLength;
};

} // namespace oriel

#endif // ORIEL_FRONTEND_GRAPHBUILDER_H
