//===- KernelBytes.cpp - A compiled kernel as bytes -----------------------===//

#include "compiler/Pipeline/KernelBytes.h"

using namespace oriel;

namespace {

/// Numbers as they lie in memory, texts and lists with their length before them.
class Writer {
public:
  void write(int64_t value) { bytes.append(reinterpret_cast<const char *>(&value), sizeof(value)); }
  void write(const std::string &text) {
    write(static_cast<int64_t>(text.size()));
    bytes += text;
  }
  void write(const ScheduleChoice &choice) {
    write(choice.name);
    write(choice.preferred);
    write(choice.chosen);
    write(choice.accepted);
  }
  template <typename T>
  void write(const std::vector<T> &list) {
    write(static_cast<int64_t>(list.size()));
    for (const T &element : list) {
      write(element);
    }
  }

  std::string bytes;
};

class Reader {
public:
  explicit Reader(llvm::StringRef bytes) : bytes(bytes) {}

  void read(int64_t &value) {
    memcpy(&value, bytes.data(), sizeof(value));
    bytes = bytes.drop_front(sizeof(value));
  }
  void read(std::string &text) {
    size_t size = readSize();
    text = bytes.take_front(size).str();
    bytes = bytes.drop_front(size);
  }
  void read(ScheduleChoice &choice) {
    read(choice.name);
    read(choice.preferred);
    read(choice.chosen);
    read(choice.accepted);
  }
  template <typename T>
  void read(std::vector<T> &list) {
    list.resize(readSize());
    for (T &element : list) {
      read(element);
    }
  }

private:
  size_t readSize() {
    int64_t size = 0;
    read(size);
    return static_cast<size_t>(size);
  }

  llvm::StringRef bytes;
};

/// Calls `file`.write or .read with each part of a kernel.
template <typename File, typename Kernel>
void forEachPart(File &&file, Kernel &kernel, auto &&visit) {
  visit(file, kernel.scratchBytes);
  visit(file, kernel.object);
  visit(file, kernel.statement);
  visit(file, kernel.deviceSource);
  visit(file, kernel.schedule);
  visit(file, kernel.choices);
}

} // namespace

std::string oriel::serializeKernel(const CompiledKernel &kernel) {
  Writer writer;
  forEachPart(writer, kernel, [](Writer &to, const auto &part) { to.write(part); });
  return std::move(writer.bytes);
}

CompiledKernel oriel::deserializeKernel(llvm::StringRef bytes) {
  CompiledKernel kernel;
  forEachPart(Reader(bytes), kernel, [](Reader &from, auto &part) { from.read(part); });
  return kernel;
}
