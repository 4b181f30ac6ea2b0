//===- ReduceGraph.h - A smaller graph that is still interesting ----------===//
#ifndef ORIEL_TOOLS_ORIEL_REDUCE_REDUCEGRAPH_H
#define ORIEL_TOOLS_ORIEL_REDUCE_REDUCEGRAPH_H

namespace oriel {

/// Registers the pass `reduce-graph`.
void registerReduceGraphPass();

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_REDUCE_REDUCEGRAPH_H
