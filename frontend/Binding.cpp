//===- Binding.cpp - Whether a weights file has a model's parameters ------===//

#include "frontend/Binding.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using llvm::StringRef;
using llvm::Twine;

namespace oriel {

std::string BindingMismatch::describe() const {
  std::string text = formatParameterName(name);
  if (!actual) {
    return text + " is missing, expected " + formatParameterShape(*expected);
  }
  text += " is ";
  if (!dtype.empty()) {
    text += dtype + " ";
  }
  text += formatParameterShape(*actual);
  if (!expected) {
    return text + ", the model has none";
  }
  text += ", expected ";
  if (!dtype.empty()) {
    text += "F32, F16 or BF16 ";
  }
  return text + formatParameterShape(*expected);
}

/// "<path>: <count> <what>: <first>; <second>; <third>; and <n> more".
static std::optional<std::string> format(StringRef path, StringRef what,
                                         llvm::ArrayRef<BindingMismatch> mismatches) {
  if (mismatches.empty()) {
    return std::nullopt;
  }
  constexpr size_t shown = 3;
  std::vector<std::string> parts;
  for (const BindingMismatch &mismatch : mismatches.take_front(shown)) {
    parts.push_back(mismatch.describe());
  }
  if (mismatches.size() > shown) {
    parts.push_back("and " + std::to_string(mismatches.size() - shown) +
                    " more (--report lists all)");
  }
  return (path + ": " + Twine(mismatches.size()) + " " + what +
          (mismatches.size() == 1 ? "" : "s") + ": " + llvm::join(parts, "; "))
      .str();
}

std::optional<std::string> BindingReport::formatError() const {
  return format(path, "missing or misshapen parameter", errors);
}

std::optional<std::string> BindingReport::formatWarning() const {
  return errors.empty() ? format(path, "unexpected tensor", unexpected) : std::nullopt;
}

static bool isDerivedBuffer(StringRef name) {
  StringRef last = name.rsplit('.').second.empty() ? name : name.rsplit('.').second;
  return last == "num_batches_tracked" || last == "relative_position_index" ||
         last == "relative_coords_table" || last == "attn_mask";
}

BindingReport checkBinding(llvm::ArrayRef<ParameterShape> parameters, const SafetensorsFile &file) {
  BindingReport report;
  report.path = file.getPath().str();
  llvm::StringSet<> expected;
  for (const ParameterShape &parameter : parameters) {
    expected.insert(parameter.name);
    const SafetensorsEntry *entry = file.find(parameter.name);
    if (!entry) {
      report.errors.push_back({parameter.name, parameter.shape, std::nullopt, ""});
      continue;
    }
    bool isReadable = isReadableDtype(entry->dtype);
    if (entry->shape != parameter.shape || !isReadable) {
      report.errors.push_back({parameter.name, parameter.shape, entry->shape,
                               isReadable ? std::string() : entry->dtype});
    }
  }
  for (const SafetensorsEntry &entry : file.getEntries()) {
    if (!expected.contains(entry.name) && !isDerivedBuffer(entry.name)) {
      report.unexpected.push_back({entry.name, std::nullopt, entry.shape, ""});
    }
  }
  llvm::sort(report.unexpected, [](const BindingMismatch &left, const BindingMismatch &right) {
    return left.name < right.name;
  });
  return report;
}

} // namespace oriel
