//===- Settings.cpp - What --set key=value may change of a model ----------===//

#include "models/Settings.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using llvm::StringRef;

namespace oriel {

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static bool parseInteger(StringRef text, int64_t minimum, int64_t maximum, int64_t &result) {
  int64_t value;
  // getAsInteger takes a sign; none is wanted here.
  if (text.empty() || !llvm::isDigit(text.front()) || text.getAsInteger(10, value) ||
      value < minimum || value > maximum) {
    return false;
  }
  result = value;
  return true;
}

static bool parseNumber(StringRef text, double &result) {
  double value;
  if (text.find_first_not_of("0123456789.eE+-") != StringRef::npos || text.getAsDouble(value) ||
      !std::isfinite(value)) {
    return false;
  }
  result = value;
  return true;
}

/// One number for all of red, green and blue, or three with commas.
static bool parseChannels(StringRef text, llvm::function_ref<bool(double)> accept,
                          std::array<double, 3> &result) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',');
  if (parts.size() == 1) {
    parts.assign(3, parts.front());
  }
  std::array<double, 3> values;
  if (parts.size() != values.size()) {
    return false;
  }
  for (auto [part, value] : llvm::zip_equal(parts, values)) {
    if (!parseNumber(part, value) || !accept(value)) {
      return false;
    }
  }
  result = values;
  return true;
}

//===----------------------------------------------------------------------===//
// Kinds of settings
//===----------------------------------------------------------------------===//

Setting integerSetting(StringRef key, int64_t &target, int64_t minimum, int64_t maximum) {
  return {key, llvm::formatv("a number from {0} to {1}", minimum, maximum),
          [&target, minimum, maximum](StringRef value) {
            return parseInteger(value, minimum, maximum, target);
          }};
}

Setting listSetting(StringRef key, llvm::SmallVector<int64_t> &target, int64_t maximum,
                    size_t maxLength) {
  return {key,
          llvm::formatv("1 to {0} numbers with commas, each from 1 to {1}", maxLength, maximum),
          [&target, maximum, maxLength](StringRef value) {
            llvm::SmallVector<StringRef> parts;
            value.split(parts, ',');
            llvm::SmallVector<int64_t> numbers(parts.size());
            for (auto [part, number] : llvm::zip_equal(parts, numbers)) {
              if (!parseInteger(part, 1, maximum, number)) {
                return false;
              }
            }
            if (numbers.size() > maxLength) {
              return false;
            }
            target = std::move(numbers);
            return true;
          }};
}

Setting sizeSetting(StringRef key, Size2D &target, int64_t maximum) {
  return {key, llvm::formatv("SIZE or HEIGHTxWIDTH, each from 1 to {0}", maximum),
          [&target, maximum](StringRef value) {
            auto [height, width] = value.split('x');
            if (!value.contains('x')) {
              width = height;
            }
            Size2D size;
            if (!parseInteger(height, 1, maximum, size.height) ||
                !parseInteger(width, 1, maximum, size.width)) {
              return false;
            }
            target = size;
            return true;
          }};
}

Setting numberSetting(StringRef key, double &target, int64_t maximum) {
  return {key, llvm::formatv("a number greater than 0, at most {0}", maximum),
          [&target, maximum](StringRef value) {
            double number;
            if (!parseNumber(value, number) || number <= 0 ||
                number > static_cast<double>(maximum)) {
              return false;
            }
            target = number;
            return true;
          }};
}

std::vector<Setting> classifierSettings(ClassifierConfig &config) {
  Preprocessing &preprocessing = config.preprocessing;
  return {
      sizeSetting("image_size", preprocessing.size, maxImageSize),
      integerSetting("num_classes", config.numClasses, 1, 1'000'000),
      numberSetting("crop_pct", preprocessing.cropPct, 1),
      {"mean", "one number, or three with commas",
       [&](StringRef value) {
         return parseChannels(value, [](double) { return true; }, preprocessing.mean);
       }},
      {"std", "one number greater than 0, or three with commas",
       [&](StringRef value) {
         return parseChannels(value, [](double x) { return x > 0; }, preprocessing.std);
       }},
      {"interpolation", "bilinear or bicubic",
       [&](StringRef value) {
         auto interpolation = parseInterpolation(value);
         preprocessing.interpolation = interpolation.value_or(preprocessing.interpolation);
         return interpolation.has_value();
       }},
  };
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

llvm::Error applySetting(llvm::ArrayRef<Setting> settings, StringRef modelName,
                         StringRef assignment) {
  auto [key, value] = assignment.split('=');
  if (key.empty() || !assignment.contains('=')) {
    return llvm::createStringError("--set " + assignment + ": write key=value");
  }
  const Setting *setting =
      llvm::find_if(settings, [key = key](const Setting &each) { return each.key == key; });
  if (setting == settings.end()) {
    llvm::SmallVector<StringRef> keys;
    for (const Setting &each : settings) {
      keys.push_back(each.key);
    }
    return llvm::createStringError("--set " + assignment + ": " + modelName + " has no setting '" +
                                   key + "'; did you mean '" + findNearest(key, keys) +
                                   "'? It has " + llvm::join(keys, ", "));
  }
  if (!setting->apply(value)) {
    return llvm::createStringError("--set " + assignment + ": " + key + " must be " +
                                   setting->form);
  }
  return llvm::Error::success();
}

StringRef findNearest(StringRef word, llvm::ArrayRef<StringRef> candidates) {
  // A beginning counts one more than a whole word, so that an exact prefix beats any other edit but
  // a whole word with one error wins.
  auto distance = [&](StringRef candidate) {
    return std::min(word.edit_distance_insensitive(candidate),
                    word.edit_distance_insensitive(candidate.take_front(word.size())) + 1);
  };
  return *llvm::min_element(candidates, [&](StringRef left, StringRef right) {
    return distance(left) < distance(right);
  });
}

} // namespace oriel
