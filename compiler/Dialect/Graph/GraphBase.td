#ifndef ORIEL_GRAPH_BASE_TD
#define ORIEL_GRAPH_BASE_TD

include "compiler/Dialect/Graph/GraphDialect.td"
include "compiler/Dialect/Graph/GraphInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Shapes are known, and no tensor is empty.
class Oriel_TensorOf<list<Type> elements> : RankedTensorOf<
    elements,
    [CPred<"::llvm::all_of(::llvm::cast<::mlir::ShapedType>($_self).getShape(), [](int64_t size) { return size > 0; })">],
    "tensor of static, positive sizes">;
def Oriel_Tensor : Oriel_TensorOf<[F32]>;

// Pixels as a decoder gives them: an argument of the function, read by `oriel.normalize_image` only.
def Oriel_Pixels : Oriel_TensorOf<[UI8]>;

// A pure op whose result types follow from its operands and attributes. The
// inference also checks the op's constraints, so there is no second verifier.
class Oriel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Oriel_Dialect, mnemonic, !listconcat(traits, [Pure, InferTypeOpAdaptor])>;

// Each row (last dimension) of the result depends on the same row of operand 0
// only, in the same way for every row: commutes with permutations of rows.
def RowWise : NativeOpTrait<"RowWise"> { let cppNamespace = "::oriel"; }

// Each element of the result depends on the element of the same index (after
// broadcasting) of each operand only.
def Pointwise : NativeOpTrait<"Pointwise"> { let cppNamespace = "::oriel"; }

// The result's rows are operand 0's rows in another order.
def RowPermutation : NativeOpTrait<"RowPermutation"> { let cppNamespace = "::oriel"; }

// Computes a parameter from parameters: may only be applied to parameters.
def ParameterArithmetic : NativeOpTrait<"ParameterArithmetic"> { let cppNamespace = "::oriel"; }

#endif // ORIEL_GRAPH_BASE_TD
