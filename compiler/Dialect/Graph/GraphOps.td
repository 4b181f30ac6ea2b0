#ifndef ORIEL_GRAPH_OPS_TD
#define ORIEL_GRAPH_OPS_TD

include "compiler/Dialect/Graph/ParameterOps.td"
include "compiler/Dialect/Graph/ConvolutionOps.td"
include "compiler/Dialect/Graph/RowOps.td"
include "compiler/Dialect/Graph/WindowOps.td"
include "compiler/Dialect/Graph/AttentionOps.td"
include "compiler/Dialect/Graph/KernelOps.td"

#endif // ORIEL_GRAPH_OPS_TD
