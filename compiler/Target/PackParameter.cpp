//===- PackParameter.cpp - Parameters as kernels read them ----------------===//
//
// Layouts: the table of #oriel.panels; extents: compiler/Dialect/Graph/ParameterStorage.h.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/ParameterStorage.h"
#include "compiler/Target/ParameterArithmetic.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace oriel;

using EmitFloats = llvm::function_ref<llvm::Error(ArrayRef<float>)>;

/// [rows, n] as [rows][ceil(n/16)*16].
static llvm::Error emitRows(int64_t rowSize, ArrayRef<double> values, EmitFloats emit) {
  std::vector<float> row(roundUpToPanel(rowSize));
  for (; !values.empty(); values = values.drop_front(rowSize)) {
    llvm::copy(values.take_front(rowSize), row.begin());
    if (auto error = emit(row)) {
      return error;
    }
  }
  return llvm::Error::success();
}

/// [outputs, inputs, taps] as [ceil(outputs/16)][taps][inputs][16]; the taps are the positions of
/// the filter, row-major. A linear layer's weight has one.
static llvm::Error emitPanels(int64_t outputs, int64_t inputs, int64_t taps,
                              ArrayRef<double> values, EmitFloats emit) {
  std::vector<float> panel(taps * inputs * panelWidth);
  for (int64_t first = 0; first < outputs; first += panelWidth) {
    llvm::fill(panel, 0.0f);
    for (int64_t lane = 0; lane < std::min(panelWidth, outputs - first); ++lane) {
      const double *filter = &values[(first + lane) * inputs * taps];
      for (int64_t input = 0; input < inputs; ++input) {
        for (int64_t tap = 0; tap < taps; ++tap) {
          panel[(tap * inputs + input) * panelWidth + lane] = filter[input * taps + tap];
        }
      }
    }
    if (auto error = emit(panel)) {
      return error;
    }
  }
  return llvm::Error::success();
}

/// [channels, 1, taps] as [taps][ceil(channels/16)*16].
static llvm::Error emitDepthwise(int64_t channels, int64_t taps, ArrayRef<double> values,
                                 EmitFloats emit) {
  std::vector<float> row(roundUpToPanel(channels));
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      row[channel] = values[channel * taps + tap];
    }
    if (auto error = emit(row)) {
      return error;
    }
  }
  return llvm::Error::success();
}

llvm::Error oriel::emitStorage(RankedTensorType type, ArrayRef<double> values, EmitFloats emit) {
  ArrayRef<int64_t> shape = type.getShape();
  auto panels = dyn_cast_if_present<PanelsAttr>(type.getEncoding());
  if (panels && shape.size() == 2) {
    return emitPanels(shape[0], shape[1], 1, values, emit);
  }
  if (panels && shape.size() == 4) {
    int64_t taps = shape[2] * shape[3];
    return panels.getDepthwise() ? emitDepthwise(shape[0], taps, values, emit)
                                 : emitPanels(shape[0], shape[1], taps, values, emit);
  }
  return emitRows(shape.empty() ? 1 : shape.back(), values, emit);
}
