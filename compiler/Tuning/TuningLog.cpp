//===- TuningLog.cpp - The schedules that were tried ----------------------===//

#include "compiler/Tuning/TuningLog.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <limits>

using namespace llvm;
using namespace oriel;

static json::Value toJson(const MeasuredSchedule &measured, StringRef schedule) {
  json::Array choices;
  for (const ScheduleChoice &choice : measured.trial.choices) {
    choices.push_back(json::Object{{"name", choice.name},
                                   {"preferred", choice.preferred},
                                   {"chosen", choice.chosen},
                                   {"accepted", json::Array(choice.accepted)}});
  }
  json::Object line{{"schedule", schedule}, {"choices", std::move(choices)}};
  if (measured.error.empty()) {
    line["relative_time"] = measured.trial.relativeTime;
    line["seconds"] = measured.seconds;
  } else {
    line["error"] = json::fixUTF8(measured.error);
  }
  return line;
}

namespace oriel {
// llvm::json finds it by the namespace of its argument, and by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
static bool fromJSON(const json::Value &value, ScheduleChoice &choice, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("name", choice.name) && map.map("preferred", choice.preferred) &&
         map.map("chosen", choice.chosen) && map.map("accepted", choice.accepted);
}
} // namespace oriel

/// The schedule of a line and its name, or nothing where the line is not whole.
static std::optional<std::pair<std::string, MeasuredSchedule>> parseLine(StringRef line) {
  auto value = json::parse(line);
  if (!value) {
    consumeError(value.takeError());
    return std::nullopt;
  }
  json::Path::Root root;
  json::ObjectMapper map(*value, root);
  std::string schedule;
  MeasuredSchedule measured;
  measured.trial.relativeTime = std::numeric_limits<double>::infinity();
  if (!map || !map.map("schedule", schedule) || !map.map("choices", measured.trial.choices) ||
      !map.mapOptional("relative_time", measured.trial.relativeTime) ||
      !map.mapOptional("seconds", measured.seconds) || !map.mapOptional("error", measured.error)) {
    return std::nullopt;
  }
  return std::pair(std::move(schedule), std::move(measured));
}

static std::string nameOf(StringRef key, const ScheduleParameters &parameters) {
  return (key + ": " + describe(parameters)).str();
}

Expected<std::unique_ptr<TuningLog>> TuningLog::open(StringRef path, StringRef subject) {
  std::unique_ptr<TuningLog> log(new TuningLog);
  std::string header = formatv("{0}\n", json::Value(json::Object{{"subject", subject}}));
  uint64_t end = 0;
  if (auto buffer = MemoryBuffer::getFile(path)) {
    StringRef rest = (*buffer)->getBuffer();
    if (rest.consume_front(header)) {
      end = header.size();
      while (rest.contains('\n')) {
        auto [line, after] = rest.split('\n');
        if (auto entry = parseLine(line)) {
          log->known.insert(std::move(*entry));
        }
        end += line.size() + 1;
        rest = after;
      }
    }
  }
  int file = 0;
  if (std::error_code error =
          sys::fs::openFileForReadWrite(path, file, sys::fs::CD_OpenAlways, sys::fs::OF_None)) {
    return createStringError("cannot write '" + path + "': " + error.message());
  }
  log->out = std::make_unique<raw_fd_ostream>(file, /*shouldClose=*/true);
  if (std::error_code error = sys::fs::resize_file(file, end)) {
    return createStringError("cannot write '" + path + "': " + error.message());
  }
  log->out->seek(end);
  if (end == 0) {
    *log->out << header;
    log->out->flush();
  }
  return std::move(log);
}

const MeasuredSchedule *TuningLog::lookup(StringRef key,
                                          const ScheduleParameters &parameters) const {
  auto entry = known.find(nameOf(key, parameters));
  return entry == known.end() ? nullptr : &entry->second;
}

void TuningLog::append(StringRef key, const ScheduleParameters &parameters,
                       const MeasuredSchedule &measured) {
  std::string name = nameOf(key, parameters);
  *out << formatv("{0}\n", toJson(measured, name));
  out->flush();
  // A full disk costs the log, not the search.
  out->clear_error();
  known[name] = measured;
}
