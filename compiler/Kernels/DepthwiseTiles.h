//===- DepthwiseTiles.h - The register tiles of a depthwise convolution ---===//
#ifndef ORIEL_COMPILER_KERNELS_DEPTHWISETILES_H
#define ORIEL_COMPILER_KERNELS_DEPTHWISETILES_H

#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

/// Stores the sums of a depthwise convolution in register tiles of `pixels` of a row times one
/// panel, all taps unrolled unless they are many. `store` has (c, x, ...), and `tail` is that of
/// its pixels. Its loop over tiles is cut where the borders of the input end.
void scheduleDepthwiseTiles(Halide::Func store, Conv2DOp op, Halide::Func sums, int pixels,
                            Halide::TailStrategy tail,
                            Halide::TailStrategy channelTail = Halide::TailStrategy::RoundUp);

/// Pixels of such a tile: sums for every fourth register, the others hold inputs and what they
/// share.
int chooseDepthwisePixels(int width, const KernelTarget &target);

/// Of `panels` panels of a row of `width` pixels as many, a divisor, as half of the first-level
/// cache holds.
int chooseDepthwisePanels(int width, int panels, const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_DEPTHWISETILES_H
