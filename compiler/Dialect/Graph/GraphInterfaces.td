#ifndef ORIEL_GRAPH_INTERFACES_TD
#define ORIEL_GRAPH_INTERFACES_TD

include "mlir/IR/OpBase.td"

def WorkOpInterface : OpInterface<"WorkOpInterface"> {
  let cppNamespace = "::oriel";
  let description = [{
    An op whose arithmetic dominates a kernel: the candidates for a kernel's anchor.
    Ops without it count no floating-point work in the launch table.
  }];
  let methods = [
    InterfaceMethod<
      "Floating-point operations of one execution, a multiply-add counted as two.",
      "int64_t", "getFlops">,
  ];
}

#endif // ORIEL_GRAPH_INTERFACES_TD
