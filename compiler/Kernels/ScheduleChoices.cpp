//===- ScheduleChoices.cpp - Choices that families share ------------------===//

#include "compiler/Kernels/ScheduleChoices.h"

#include "compiler/Kernels/RegisterTile.h"

using namespace oriel;

/// Counts from 1 to `most` that are worth trying: all up to 8, then in steps of about a fourth.
static std::vector<int64_t> countsUpTo(int64_t most) {
  std::vector<int64_t> counts;
  for (int64_t count = 1; count < most; count += std::max<int64_t>(1, count / 4)) {
    counts.push_back(count);
  }
  counts.push_back(most);
  return counts;
}

GemmTile oriel::choosePanelTile(KernelBuilder &builder, int64_t rows, int64_t panels) {
  constexpr int64_t mostRows = 14;
  int64_t vectorsPerPanel = panelWidth / builder.target.vectorWidth;
  auto fitsWith = [&](int64_t tileRows, int64_t tilePanels) {
    RegisterTile tile{static_cast<int>(tileRows), static_cast<int>(tilePanels * vectorsPerPanel)};
    return fits(tile, builder.target);
  };
  GemmTile preferred = chooseGemmTile(rows, panels, builder.target);
  std::vector<int64_t> acceptedPanels, acceptedRows;
  for (int64_t count : divisorsOf(panels)) {
    if (fitsWith(1, count)) {
      acceptedPanels.push_back(count);
    }
  }
  int64_t tilePanels = builder.choose("tile_panels", preferred.panels, acceptedPanels);
  for (int64_t count = 1; count <= std::min(rows, mostRows); ++count) {
    if (fitsWith(count, tilePanels)) {
      acceptedRows.push_back(count);
    }
  }
  // Other panels than the preferred leave room for other rows.
  int64_t preferredRows = tilePanels == preferred.panels ? preferred.rows : acceptedRows.back();
  int64_t tileRows = builder.choose("tile_rows", preferredRows, acceptedRows);
  return {static_cast<int>(tileRows), static_cast<int>(tilePanels)};
}

int oriel::chooseCount(KernelBuilder &builder, llvm::StringRef name, int64_t preferred,
                       int64_t total) {
  return static_cast<int>(builder.choose(name, preferred, countsUpTo(total)));
}

int oriel::chooseDivisor(KernelBuilder &builder, llvm::StringRef name, int64_t preferred,
                         int64_t total) {
  return static_cast<int>(builder.choose(name, preferred, divisorsOf(total)));
}
