//===- ScratchFolder.h - A folder for temporary files ---------------------===//
#ifndef ORIEL_TOOLS_SUPPORT_SCRATCHFOLDER_H
#define ORIEL_TOOLS_SUPPORT_SCRATCHFOLDER_H

#include <string>

namespace oriel {

/// A folder that lives as long as this.
class ScratchFolder {
public:
  /// Throws ToolError where none can be made.
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;

  std::string file(const std::string &name) const { return path + "/" + name; }

private:
  std::string path;
};

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_SCRATCHFOLDER_H
