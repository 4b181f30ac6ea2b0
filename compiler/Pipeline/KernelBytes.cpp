//===- KernelBytes.cpp - A compiled kernel as bytes -----------------------===//

#include "compiler/Pipeline/KernelBytes.h"

using namespace oriel;

namespace {

/// Numbers as they lie in memory, texts with their length before them.
class Writer {
public:
  void write(int64_t value) { bytes.append(reinterpret_cast<const char *>(&value), sizeof(value)); }
  void write(const std::string &text) {
    write(static_cast<int64_t>(text.size()));
    bytes += text;
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
    int64_t size = 0;
    read(size);
    text = bytes.take_front(static_cast<size_t>(size)).str();
    bytes = bytes.drop_front(static_cast<size_t>(size));
  }

private:
  llvm::StringRef bytes;
};

/// Calls `file`.write or .read with each part of a kernel.
template <typename File, typename Kernel>
void forEachPart(File &&file, Kernel &kernel, auto &&visit) {
  visit(file, kernel.scratchBytes);
  visit(file, kernel.object);
  visit(file, kernel.statement);
  visit(file, kernel.schedule);
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
