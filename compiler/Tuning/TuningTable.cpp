//===- TuningTable.cpp - Schedules that were measured ---------------------===//

#include "compiler/Tuning/TuningTable.h"

#include "runtime/format/Sha256.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace oriel;

static constexpr int64_t formatVersion = 1;

namespace oriel {
// llvm::json finds it by the namespace of its argument, and by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
static bool fromJSON(const llvm::json::Value &value, TuningEntry &entry, llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  return map && map.map("kernel", entry.kernel) && map.map("target", entry.target) &&
         map.map("parameters", entry.parameters) && map.map("relative_time", entry.relativeTime);
}
} // namespace oriel

llvm::Expected<TuningTable> TuningTable::parse(llvm::StringRef text) {
  auto value = llvm::json::parse(text);
  if (!value) {
    return value.takeError();
  }
  llvm::json::Path::Root root("tuning table");
  llvm::json::ObjectMapper map(*value, root);
  int64_t version = 0;
  TuningTable table;
  if (!map || !map.map("version", version) || !map.map("cpus", table.entries)) {
    return root.getError();
  }
  if (version != formatVersion) {
    return llvm::createStringError("the table is of version " + llvm::Twine(version) +
                                   ", this compiler knows version " + llvm::Twine(formatVersion));
  }
  return table;
}

std::string TuningTable::print() const {
  llvm::json::Object cpus;
  for (const auto &[cpu, kernels] : entries) {
    llvm::json::Object list;
    for (const auto &[key, entry] : kernels) {
      llvm::json::Object parameters;
      for (const auto &[name, chosen] : entry.parameters) {
        parameters[name] = chosen;
      }
      list[key] = llvm::json::Object{{"kernel", entry.kernel},
                                     {"target", entry.target},
                                     {"parameters", std::move(parameters)},
                                     {"relative_time", entry.relativeTime}};
    }
    cpus[cpu] = std::move(list);
  }
  llvm::json::Value table =
      llvm::json::Object{{"version", formatVersion}, {"cpus", std::move(cpus)}};
  return llvm::formatv("{0:2}\n", table);
}

std::vector<std::string> TuningTable::getCpus() const {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto &[cpu, kernels] : entries) {
    names.push_back(cpu);
  }
  return names;
}

const TuningEntry *TuningTable::lookup(const std::string &cpu, const std::string &key) const {
  auto kernels = entries.find(cpu);
  if (kernels == entries.end()) {
    return nullptr;
  }
  auto entry = kernels->second.find(key);
  return entry == kernels->second.end() ? nullptr : &entry->second;
}

void TuningTable::set(const std::string &cpu, const std::string &key, TuningEntry entry) {
  entries[cpu][key] = std::move(entry);
}

std::string oriel::makePlanKey(exec::KernelOp kernel, const KernelTarget &target) {
  std::string text = describeSizes(target) + "\n" + kernel.printStructure();
  Sha256 hash;
  hash.update(text.data(), text.size());
  uint8_t digest[Sha256::digestSize];
  hash.finish(digest);
  return llvm::toHex(llvm::ArrayRef(digest).take_front(16), /*LowerCase=*/true);
}
