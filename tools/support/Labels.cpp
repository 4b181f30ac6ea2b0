#include "tools/support/Labels.h"

#include "runtime/data/File.h"
#include "tools/support/Tool.h"

#include <sstream>

using namespace oriel;

static std::vector<std::string> readLabels(const std::string &path, int64_t classCount) {
  std::string content, error;
  if (!readFile(path, content, error)) {
    throw ToolError(error);
  }
  std::vector<std::string> labels;
  std::istringstream stream(content);
  for (std::string line; std::getline(stream, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty()) {
      labels.push_back(line);
    }
  }
  if (int64_t(labels.size()) != classCount) {
    throw ToolError("'" + path + "' has " + std::to_string(labels.size()) + " labels for " +
                    std::to_string(classCount) + " classes: give one line for each class");
  }
  return labels;
}

std::vector<std::string> oriel::classNames(const std::string &labelsPath,
                                           const oriel_signature &signature, int64_t classCount) {
  if (!labelsPath.empty()) {
    return readLabels(labelsPath, classCount);
  }
  if (signature.class_count != classCount) {
    return {};
  }
  return {signature.class_names, signature.class_names + classCount};
}
