//===- ScratchFolder.cpp - A folder for temporary files -------------------===//

#include "tools/support/ScratchFolder.h"

#include "tools/support/Tool.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

using namespace oriel;

ScratchFolder::ScratchFolder() {
  std::error_code error;
  path = (std::filesystem::temp_directory_path(error) / "oriel-XXXXXX").string();
  if (!error && mkdtemp(path.data()) == nullptr) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    throw ToolError("cannot make a folder for temporary files: " + error.message() +
                    "; set TMPDIR to one that can be written");
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}
