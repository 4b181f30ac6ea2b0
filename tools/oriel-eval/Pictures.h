// The pictures of an evaluation: a dataset in which a picture that cannot be read is a sample, too,
// and which measures where the time goes.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_PICTURES_H
#define ORIEL_TOOLS_ORIEL_EVAL_PICTURES_H

#include "oriel/data.h"

#include <atomic>

namespace oriel {

struct Picture {
  data::Sample sample;
  /// What is wrong with the file; the sample then has no input.
  std::string error;
};

/// Pictures one behind the other.
struct PictureBatch {
  /// Those that could be read. Inputs are padded with zeros to `inputCount` items.
  data::Batch readable;
  /// Those that could not, with their index.
  std::vector<std::pair<size_t, std::string>> failed;

  size_t size() const { return readable.size() + failed.size(); }
};

/// Collates pictures for a context that runs `inputCount` of them.
class PictureCollate {
public:
  explicit PictureCollate(size_t inputCount) : inputCount(inputCount) {}
  PictureBatch operator()(std::vector<Picture> pictures) const;

private:
  size_t inputCount;
};

class Pictures {
public:
  Pictures(const data::ImageList &list, data::ImageTransform transform)
      : list(list), transform(transform) {}

  size_t size() const { return list.entries.size(); }
  Picture get(size_t index) const;

  /// Seconds spent so far, summed over threads, on reading and decoding, and on the transform.
  double loadingSeconds() const { return double(loadingNanoseconds) * 1e-9; }
  double transformSeconds() const { return double(transformNanoseconds) * 1e-9; }

private:
  const data::ImageList &list;
  data::ImageTransform transform;
  mutable std::atomic<int64_t> loadingNanoseconds = 0;
  mutable std::atomic<int64_t> transformNanoseconds = 0;
};

/// `limit` of `count` indices, spread evenly; all of them where the limit is 0 or not below.
std::vector<size_t> spreadIndices(size_t count, size_t limit);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_PICTURES_H
