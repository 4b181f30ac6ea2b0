#include "oriel/data/Dataset.h"

#include <filesystem>

using namespace oriel::data;

Batch oriel::data::collate(std::vector<Sample> samples) {
  Batch batch;
  if (samples.empty()) {
    return batch;
  }
  const Tensor &first = samples[0].input;
  batch.inputs.elementType = first.elementType;
  batch.inputs.shape = first.shape;
  batch.inputs.shape.insert(batch.inputs.shape.begin(), int64_t(samples.size()));
  batch.inputs.bytes.reserve(first.bytes.size() * samples.size());
  for (const Sample &sample : samples) {
    const Tensor &input = sample.input;
    if (input.elementType != first.elementType || input.shape != first.shape ||
        input.bytes.size() != first.bytes.size()) {
      throw Error("sample " + std::to_string(sample.index) + " has another shape than sample " +
                  std::to_string(samples[0].index) + ": transform both to one size");
    }
    batch.inputs.bytes.insert(batch.inputs.bytes.end(), input.bytes.begin(), input.bytes.end());
    batch.labels.push_back(sample.label);
    batch.indices.push_back(sample.index);
  }
  return batch;
}

void Batch::padInputs(size_t count) {
  if (size() == 0 || count < size()) {
    throw Error("cannot pad " + std::to_string(size()) + " inputs to " + std::to_string(count));
  }
  inputs.bytes.resize(inputs.bytes.size() / size_t(inputs.shape[0]) * count);
  inputs.shape[0] = int64_t(count);
}

static ImageList listImages(const std::string &path, std::vector<std::string> classNames) {
  std::error_code code;
  return std::filesystem::is_directory(path, code) ? listImageFolder(path, std::move(classNames))
                                                   : readImageList(path, std::move(classNames));
}

ImageFolder::ImageFolder(const std::string &path, Transform transform,
                         std::vector<std::string> classNames)
    : ImageFolder(listImages(path, std::move(classNames)), std::move(transform)) {}

Sample ImageFolder::get(size_t index) const {
  const ImageEntry &entry = list.entries.at(index);
  return {transform(readImage(entry.path)), entry.label, index};
}
