#include "oriel/data/Dataset.h"

#include "runtime/data/File.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace oriel;
using namespace oriel::data;
namespace fs = std::filesystem;

namespace {

/// "a, b, c", at most 20 of them.
template <typename Names>
std::string listNames(const Names &names) {
  std::string text;
  size_t count = 0;
  for (const std::string &name : names) {
    if (++count > 20) {
      return text + " and " + std::to_string(names.size() - 20) + " more";
    }
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

/// The position of each name of a class. Names of more than one class have none.
std::map<std::string, int64_t> positionsOf(const std::vector<std::string> &classNames) {
  std::map<std::string, int64_t> positions;
  for (size_t i = 0; i < classNames.size(); ++i) {
    auto [entry, isNew] = positions.emplace(classNames[i], int64_t(i));
    entry->second = isNew ? int64_t(i) : -1;
  }
  return positions;
}

/// Gives `list` its classes: `classNames`, or else `found`, sorted. Throws Error where one of
/// `found` is not among them. Returns their positions.
std::map<std::string, int64_t> setClasses(ImageList &list, std::vector<std::string> classNames,
                                          const std::set<std::string> &found,
                                          const std::string &path) {
  list.classNames = std::move(classNames);
  if (list.classNames.empty()) {
    list.classNames.assign(found.begin(), found.end());
  }
  std::map<std::string, int64_t> positions = positionsOf(list.classNames);
  std::vector<std::string> unknown;
  for (const std::string &name : found) {
    auto position = positions.find(name);
    if (position == positions.end()) {
      unknown.push_back(name);
    } else if (position->second < 0) {
      throw Error("the class '" + name + "' of '" + path +
                  "' stands more than once among the class names: give names that differ");
    }
  }
  if (!unknown.empty()) {
    throw Error("'" + path + "' has classes that are not the model's: " + listNames(unknown) +
                "; the model's are: " + listNames(list.classNames));
  }
  return positions;
}

bool isPictureName(const fs::path &path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".webp";
}

std::vector<fs::path> sortedEntries(const fs::path &folder) {
  std::error_code code;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (!entry->path().filename().string().starts_with(".")) {
      paths.push_back(entry->path());
    }
  }
  if (code) {
    throw Error("cannot read the folder '" + folder.string() + "': " + code.message());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Adds the pictures in and below `folder`. `above`: the folders that it is in, so that a link back
/// to one of them ends.
void collectPictures(const fs::path &folder, int64_t label, std::vector<fs::path> &above,
                     std::vector<ImageEntry> &entries) {
  std::error_code code;
  fs::path real = fs::canonical(folder, code);
  if (std::find(above.begin(), above.end(), real) != above.end()) {
    return;
  }
  above.push_back(real);
  for (const fs::path &path : sortedEntries(folder)) {
    fs::file_status status = fs::status(path, code);
    if (fs::is_directory(status)) {
      collectPictures(path, label, above, entries);
    } else if (isPictureName(path) && (fs::is_regular_file(status) || !fs::exists(status))) {
      // A broken link is a picture that cannot be read; a pipe or device is none.
      entries.push_back({path.string(), label});
    }
  }
  above.pop_back();
}

} // namespace

ImageList oriel::data::listImageFolder(const std::string &folder,
                                       std::vector<std::string> classNames) {
  std::set<std::string> found;
  for (const fs::path &path : sortedEntries(folder)) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
      found.insert(path.filename().string());
    }
  }
  ImageList list;
  std::map<std::string, int64_t> positions = setClasses(list, std::move(classNames), found, folder);
  for (const std::string &name : found) {
    std::vector<fs::path> above;
    collectPictures(fs::path(folder) / name, positions.at(name), above, list.entries);
  }
  if (list.entries.empty()) {
    throw Error("'" + folder + "' has no pictures: it needs a folder for each class with .jpg, " +
                ".jpeg, .png or .webp files");
  }
  return list;
}

ImageList oriel::data::readImageList(const std::string &file, std::vector<std::string> classNames) {
  std::string content, error;
  if (!readFile(file, content, error)) {
    throw Error(error);
  }
  std::set<std::string> found;
  std::vector<std::pair<std::string, std::string>> lines;
  size_t number = 0;
  for (size_t begin = 0; begin < content.size(); ++number) {
    size_t end = std::min(content.find('\n', begin), content.size());
    std::string line = content.substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    if (line.find_first_not_of(" \t") == std::string::npos) {
      continue;
    }
    size_t split = line.rfind(line.find('\t') != std::string::npos ? '\t' : ' ');
    if (split == std::string::npos || split == 0 || split + 1 == line.size()) {
      throw Error("line " + std::to_string(number + 1) + " of '" + file +
                  "' is not the path of a picture, a tab and the name of its class");
    }
    lines.emplace_back(line.substr(0, split), line.substr(split + 1));
    found.insert(lines.back().second);
  }
  if (lines.empty()) {
    throw Error("'" + file + "' lists no pictures");
  }
  ImageList list;
  std::map<std::string, int64_t> positions = setClasses(list, std::move(classNames), found, file);
  for (const auto &[path, name] : lines) {
    list.entries.push_back({(fs::path(file).parent_path() / path).string(), positions.at(name)});
  }
  return list;
}
