//===- TunedSchedules.cpp - From tuning tables to schedules ---------------===//

#include "compiler/Tuning/TunedSchedules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace oriel;

ScheduleParameters TunedSchedules::operator()(exec::KernelOp kernel,
                                              const KernelTarget &target) const {
  const TuningEntry *entry = cpu.empty() ? nullptr : table.lookup(cpu, makePlanKey(kernel, target));
  return entry != nullptr ? ScheduleParameters{entry->parameters, {}} : ScheduleParameters();
}

llvm::Expected<TuningTable> oriel::readTuningTable(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    return llvm::createStringError("cannot read " + path + ": " + buffer.getError().message());
  }
  auto table = TuningTable::parse((*buffer)->getBuffer());
  if (!table) {
    std::string reason = toString(table.takeError());
    return llvm::createStringError(
        path + " is not a tuning table: " + reason.substr(0, reason.find('\n')));
  }
  return table;
}

llvm::Expected<TunedSchedules> oriel::loadTunedSchedules(std::string cpu, const std::string &path) {
  if (path.empty()) {
    return cpu.empty() ? llvm::Expected<TunedSchedules>(TunedSchedules())
                       : llvm::createStringError("--tune-for names a processor of a tuning table: "
                                                 "give the table with --tuning");
  }
  auto table = readTuningTable(path);
  if (!table) {
    return table.takeError();
  }
  std::vector<std::string> cpus = table->getCpus();
  if (cpu.empty() && cpus.size() > 1) {
    return llvm::createStringError(path + " has schedules for " + llvm::join(cpus, ", ") +
                                   ": name one with --tune-for");
  }
  if (!cpu.empty() && !llvm::is_contained(cpus, cpu)) {
    return llvm::createStringError(path + " has no schedules for '" + cpu + "', only for " +
                                   llvm::join(cpus, ", ") + ": tune on that processor");
  }
  if (cpu.empty() && !cpus.empty()) {
    cpu = cpus.front();
  }
  return TunedSchedules(std::move(*table), std::move(cpu));
}
