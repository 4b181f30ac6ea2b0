// Where samples come from.

#ifndef ORIEL_DATA_DATASET_H
#define ORIEL_DATA_DATASET_H

#include "oriel/data/Transform.h"

#include <concepts>
#include <functional>

namespace oriel::data {

/// A number of samples of any type, each to be had by its index in [0, size()). A DataLoader calls
/// get() on several threads at once; what get() throws comes out of the loop over the loader.
template <typename T>
concept Dataset = requires(const T &dataset, size_t index) {
  { dataset.size() } -> std::convertible_to<size_t>;
  dataset.get(index);
};

template <Dataset T>
using SampleOf = std::remove_cvref_t<decltype(std::declval<const T &>().get(0))>;

/// A classified picture, ready for a model.
struct Sample {
  Tensor input;
  /// Position of its class among the class names.
  int64_t label = 0;
  /// Its index in the dataset.
  size_t index = 0;
};

/// Samples one behind the other.
struct Batch {
  /// [samples][...], dense.
  Tensor inputs;
  std::vector<int64_t> labels;
  std::vector<size_t> indices;

  size_t size() const { return labels.size(); }

  /// Puts inputs of zeros behind those of the samples, `count` inputs in all: what a context takes
  /// that runs so many, where the last batch has fewer samples.
  void padInputs(size_t count);
};

/// Makes samples with inputs of one shape and element type a batch. Throws Error where they differ.
Batch collate(std::vector<Sample> samples);

/// A picture file and the position of its class among the class names.
struct ImageEntry {
  std::string path;
  int64_t label = 0;
};

/// Pictures with their classes.
struct ImageList {
  std::vector<std::string> classNames;
  std::vector<ImageEntry> entries;
};

/// The pictures of a folder with a folder for each class, named after it: every .jpg, .jpeg, .png
/// and .webp file, in whatever case, at any depth below the class's folder, links followed, names
/// that begin with a dot left out. Sorted by class, then by path. The classes are `classNames`, or,
/// where that is empty, the folders' names, sorted. Throws Error: no pictures; a folder that is not
/// one of the classes.
ImageList listImageFolder(const std::string &folder, std::vector<std::string> classNames = {});

/// The pictures of a text file, in its order: on each line the path of a picture, relative to the
/// folder of the file, and the name of its class, with a tab between, or, in a line without a tab,
/// a space. Empty lines are left out. The classes are `classNames`, or, where that is empty, the
/// names in the file, sorted. Throws Error: no pictures; a class that is not one of the classes.
ImageList readImageList(const std::string &file, std::vector<std::string> classNames = {});

/// What makes a picture an input; called on several threads at once.
using Transform = std::function<Tensor(const Image &)>;

/// Classified pictures, read and transformed when they are asked for.
class ImageFolder {
public:
  ImageFolder(ImageList list, Transform transform)
      : list(std::move(list)), transform(std::move(transform)) {}

  /// listImageFolder, or readImageList where `path` is not a folder.
  ImageFolder(const std::string &path, Transform transform,
              std::vector<std::string> classNames = {});

  size_t size() const { return list.entries.size(); }
  /// Throws Error, which names the file, where it cannot be read or decoded.
  Sample get(size_t index) const;

  const std::vector<std::string> &classNames() const { return list.classNames; }
  const ImageEntry &entry(size_t index) const { return list.entries[index]; }

private:
  ImageList list;
  Transform transform;
};

} // namespace oriel::data

#endif // ORIEL_DATA_DATASET_H
