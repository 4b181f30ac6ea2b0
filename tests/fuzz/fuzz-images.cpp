// Decodes damaged pictures: each is a picture or an error in one line, within the memory that
// ImageLimits allows, and leaves none behind. tools/fuzz_images.sh runs it with the decoders under
// the address sanitizer, too.

#include "oriel/data/Image.h"
#include "runtime/data/File.h"
#include "tests/fuzz/AllocationMeter.h"
#include "tests/fuzz/ImageMutator.h"
#include "tools/support/Tool.h"

#include <algorithm>
#include <chrono>
#include <set>

using namespace oriel;

namespace {

struct Options {
  std::vector<std::string> sourcePaths;
  uint64_t first = 0;
  uint64_t count = 100000;
  int64_t pixels = 1 << 22;
  std::string currentPath;
};

/// Of all files so far.
struct Tally {
  uint64_t decoded = 0;
  uint64_t wrong = 0;
  std::set<std::string> errors;
  int64_t mostBytes = 0;
  double longestSeconds = 0;
};

/// ImageLimits: what the decoders may hold for pictures of up to so many pixels.
int64_t byteLimit(int64_t pixels) { return 19 * pixels + (32 << 20); }

std::vector<std::string> readSources(const Options &options) {
  std::vector<std::string> sources;
  for (const std::string &path : options.sourcePaths) {
    std::string error;
    if (!readFile(path, sources.emplace_back(), error)) {
      throw ToolError(error);
    }
  }
  return sources;
}

/// What came of one file.
struct Outcome {
  bool isDecoded = false;
  std::string error;
  /// What is wrong with that; "" where nothing is.
  std::string complaint;
};

Outcome decode(const std::string &file, int64_t maxPixels) {
  try {
    data::Image image = data::decodeImage(file, {.pixels = maxPixels});
    auto count = int64_t(image.width) * image.height;
    bool isWhole = image.width > 0 && image.height > 0 && int64_t(image.pixels.size()) == 3 * count;
    return {true, "", isWhole && count <= maxPixels ? "" : "a picture of the wrong size"};
  } catch (const data::Error &error) {
    std::string text = error.what();
    bool isLine = !text.empty() && text.find('\n') == std::string::npos;
    return {false, text, isLine ? "" : "an error that is not one line"};
  }
}

/// decode(), within the memory that it may hold.
Outcome decodeMeasured(const std::string &file, int64_t maxPixels, Tally &tally) {
  auto start = std::chrono::steady_clock::now();
  fuzz::AllocationMeter meter;
  Outcome outcome = decode(file, maxPixels);
  std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  tally.longestSeconds = std::max(tally.longestSeconds, elapsed.count());
  tally.mostBytes = std::max(tally.mostBytes, meter.peak());
  if (meter.peak() > byteLimit(maxPixels)) {
    outcome.complaint = std::to_string(meter.peak()) + " bytes of memory";
  }
  return outcome;
}

void run(const Options &options) {
  std::vector<std::string> sources = readSources(options);
  Tally tally;
  for (uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
    std::string file = fuzz::mutateImage(sources, seed), error;
    if (!options.currentPath.empty() && !writeFile(options.currentPath, file, error)) {
      throw ToolError(error);
    }
    Outcome outcome = decodeMeasured(file, options.pixels, tally);
    tally.decoded += outcome.isDecoded;
    tally.errors.insert(outcome.error);
    if (!outcome.complaint.empty()) {
      ++tally.wrong;
      printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.complaint.c_str());
    }
  }
  printf("%llu files from %zu sources: %llu decoded, %llu refused for %zu reasons, %llu wrong; at "
         "most %.1f MB and %.0f ms a file\n",
         static_cast<unsigned long long>(options.count), sources.size(),
         static_cast<unsigned long long>(tally.decoded),
         static_cast<unsigned long long>(options.count - tally.decoded),
         tally.errors.size() - tally.errors.count(""), static_cast<unsigned long long>(tally.wrong),
         double(tally.mostBytes) / 1e6, tally.longestSeconds * 1e3);
  if (tally.wrong > 0) {
    throw ToolError("the decoders did wrong");
  }
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Decodes damaged pictures.", "fuzz-images");
  app.add_option("sources", options.sourcePaths, "Pictures to damage")->required();
  app.add_option("--first-seed", options.first, "The first damaged picture");
  app.add_option("--count", options.count, "How many to decode")->capture_default_str();
  app.add_option("--pixels", options.pixels, "The decoders' limit")->capture_default_str();
  app.add_option("--current", options.currentPath,
                 "Write each damaged picture to this file first, so that a crash leaves it");
  return runTool(app, argc, argv, [&] { run(options); });
}
