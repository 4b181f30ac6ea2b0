#ifndef ORIEL_GRAPH_DIALECT_TD
#define ORIEL_GRAPH_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Oriel_Dialect : Dialect {
  let name = "oriel";
  let cppNamespace = "::oriel";
  let summary = "vision models as their papers write them";
  let description = [{
    The phases "graph" and "fused" of the compiler.

        C++ builder --> oriel ops on tensors            phase "graph"
                          |   sink permutations, fold parameters, fuse
                          v
                        oriel.kernel regions            phase "fused"
                          |   GraphToExec
                          v
                        exec                            phase "exec"

    Values are float32 tensors, channel last; dimension 0 is the batch:

    | value           | shape          |
    |-----------------|----------------|
    | image           | [B, 3, H, W]   |
    | pixels          | [B, H, W, 3] of ui8, for `oriel.normalize_image` |
    | feature map     | [B, H, W, C]   |
    | tokens          | [B, G, T, C], G windows or patch positions of T tokens |
    | heads           | [B, G, heads, T, d] |
    | vector          | [B, C]         |

    Parameters keep PyTorch's shapes: a convolution's filter is [O, I/groups, kh, kw], a linear layer's weight [N, K].
    A row is the last dimension of a tensor. An op's location is the name of the layer that made it, for example
    `loc("layers.0.blocks.1.attn.qkv")`; it survives to the launch table of the compiled module.

    At the exit of phase "graph" every op is one of this dialect's, in one `func.func` with one block.
    At the exit of phase "fused" every op that computes stands in an `oriel.kernel` region; what is left outside are
    `oriel.param` ops and the parameter arithmetic that becomes `@prepare`.
    The constraints named (C1), (C2), ... are those of SPEC.md.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def Oriel_PanelsAttr : AttrDef<Oriel_Dialect, "Panels"> {
  let mnemonic = "panels";
  let summary = "how a packed parameter is stored";
  let description = [{
    The encoding of a parameter that `oriel.pack` has packed. The tensor keeps its logical shape; the storage is

    | parameter                      | storage                           |
    |--------------------------------|-----------------------------------|
    | linear weight [N, K]           | [ceil(N/16)][K][16]               |
    | dense filter [O, I, kh, kw]    | [ceil(O/16)][kh][kw][I][16]       |
    | depthwise filter [C, 1, kh, kw]| [kh][kw][ceil(C/16)*16]           |
    | vector [N]                     | [ceil(N/16)*16]                   |

    with zeros in the padding. The panel width is fixed: one block of parameters serves every CPU variant.
    A dense filter of one input channel has the shape of a depthwise one, so the latter says what it is.

    Examples: `tensor<384x96xf32, #oriel.panels>`, `tensor<64x1x3x3xf32, #oriel.panels<depthwise>>`.
  }];
  let parameters = (ins "bool":$depthwise);
  let skipDefaultBuilders = 1;
  let builders = [AttrBuilder<(ins CArg<"bool", "false">:$depthwise), [{ return $_get($_ctxt, depthwise); }]>];
  let hasCustomAssemblyFormat = 1;
}

#endif // ORIEL_GRAPH_DIALECT_TD
