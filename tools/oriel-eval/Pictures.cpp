#include "tools/oriel-eval/Pictures.h"

#include <chrono>

using namespace oriel;

PictureBatch PictureCollate::operator()(std::vector<Picture> pictures) const {
  PictureBatch batch;
  std::vector<data::Sample> readable;
  readable.reserve(pictures.size());
  for (Picture &picture : pictures) {
    if (picture.error.empty()) {
      readable.push_back(std::move(picture.sample));
    } else {
      batch.failed.emplace_back(picture.sample.index, std::move(picture.error));
    }
  }
  batch.readable = data::collate(std::move(readable));
  if (batch.readable.size() > 0) {
    batch.readable.padInputs(inputCount);
  }
  return batch;
}

Picture Pictures::get(size_t index) const {
  using Clock = std::chrono::steady_clock;
  auto addTime = [](std::atomic<int64_t> &sum, Clock::time_point since) {
    sum += std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - since).count();
  };
  const data::ImageEntry &entry = list.entries[index];
  Picture picture = {{{}, entry.label, index}, ""};
  data::Image image;
  Clock::time_point start = Clock::now();
  try {
    image = data::readImage(entry.path);
  } catch (const data::Error &error) {
    picture.error = error.what();
  }
  addTime(loadingNanoseconds, start);
  if (picture.error.empty()) {
    start = Clock::now();
    picture.sample.input = transform(image);
    addTime(transformNanoseconds, start);
  }
  return picture;
}

std::vector<size_t> oriel::spreadIndices(size_t count, size_t limit) {
  if (limit == 0 || limit >= count) {
    return data::SequentialSampler(count)(0);
  }
  std::vector<size_t> indices;
  indices.reserve(limit);
  for (size_t i = 0; i < limit; ++i) {
    indices.push_back(size_t(static_cast<unsigned __int128>(i) * count / limit));
  }
  return indices;
}
