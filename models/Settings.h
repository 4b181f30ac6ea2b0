//===- Settings.h - What --set key=value may change of a model ------------===//
#ifndef ORIEL_MODELS_SETTINGS_H
#define ORIEL_MODELS_SETTINGS_H

#include "frontend/Size2D.h"
#include "models/Classifier.h"

#include <functional>

namespace oriel {

/// A setting of one configuration, to which `apply` refers.
struct Setting {
  llvm::StringRef key;
  /// The form of a value, such as "224 or 224x320".
  std::string form;
  /// Stores a value; false, and nothing stored, where it is malformed or out of range.
  std::function<bool(llvm::StringRef value)> apply;
};

Setting integerSetting(llvm::StringRef key, int64_t &target, int64_t minimum, int64_t maximum);

/// One integer from 1 to `maximum` for each element of a list of 1 to `maxLength`.
Setting listSetting(llvm::StringRef key, llvm::SmallVector<int64_t> &target, int64_t maximum,
                    size_t maxLength);

/// "7" (square) or "7x8" (height x width), each from 1 to `maximum`.
Setting sizeSetting(llvm::StringRef key, Size2D &target, int64_t maximum);

/// A number in (0, maximum].
Setting numberSetting(llvm::StringRef key, double &target, int64_t maximum);

/// image_size, num_classes, crop_pct, mean, std, interpolation.
std::vector<Setting> classifierSettings(ClassifierConfig &config);

/// Applies "key=value". Fails, with one line, where there is no such key (suggesting the nearest)
/// or the value is not of its form.
llvm::Error applySetting(llvm::ArrayRef<Setting> settings, llvm::StringRef modelName,
                         llvm::StringRef assignment);

/// The candidate most like `word`: by edit distance to it or to a beginning of it.
llvm::StringRef findNearest(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace oriel

#endif // ORIEL_MODELS_SETTINGS_H
