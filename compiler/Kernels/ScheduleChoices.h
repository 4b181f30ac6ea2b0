//===- ScheduleChoices.h - Choices that families share --------------------===//
#ifndef ORIEL_COMPILER_KERNELS_SCHEDULECHOICES_H
#define ORIEL_COMPILER_KERNELS_SCHEDULECHOICES_H

#include "compiler/Kernels/GemmTile.h"
#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

/// The register tile of a product of `rows` rows (the last tile may be partial) and `panels` panels
/// of columns: "tile_panels", a divisor of the panels, and "tile_rows", as many as registers hold.
GemmTile choosePanelTile(KernelBuilder &builder, int64_t rows, int64_t panels);

/// The choice `name` of how many of `total` things (rows, tiles) one task has.
int chooseCount(KernelBuilder &builder, llvm::StringRef name, int64_t preferred, int64_t total);

/// The choice `name` among the divisors of `total`.
int chooseDivisor(KernelBuilder &builder, llvm::StringRef name, int64_t preferred, int64_t total);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_SCHEDULECHOICES_H
