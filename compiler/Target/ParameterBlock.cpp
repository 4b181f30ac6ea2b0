//===- ParameterBlock.cpp - The parameters of a module --------------------===//

#include "compiler/Target/ParameterBlock.h"

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Dialect/Graph/ParameterStorage.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/format/Float16.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace oriel;
using llvm::createStringError;

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

bool ParameterBlockLayout::append(StringRef name, uint64_t entrySize, ElementType element) {
  if (!positions.try_emplace(name, entries.size()).second) {
    return false;
  }
  entries.push_back({name.str(), size, entrySize, element});
  size = llvm::alignTo(size + entrySize, parameterEntryAlignment);
  return true;
}

const ParameterEntry *ParameterBlockLayout::lookup(StringRef name) const {
  auto position = positions.find(name);
  return position == positions.end() ? nullptr : &entries[position->second];
}

/// The elements of the program's parameters that are not of float32, by name.
static llvm::StringMap<ElementType> storedElements(ModuleOp module) {
  llvm::StringMap<ElementType> elements;
  for (auto program : module.getOps<exec::ProgramOp>()) {
    for (auto parameter : program.getOps<exec::ParameterOp>()) {
      elements[parameter.getName()] = parameter.getType().getElement();
    }
  }
  return elements;
}

FailureOr<ParameterBlockLayout> oriel::computeParameterLayout(ModuleOp module) {
  ParameterBlockLayout layout;
  auto prepare = module.lookupSymbol<func::FuncOp>("prepare");
  if (!prepare) {
    return layout;
  }
  auto elements = storedElements(module);
  auto result = prepare.walk([&](StorePreparedOp store) {
    auto type = cast<RankedTensorType>(store.getValue().getType());
    auto found = elements.find(store.getName());
    ElementType element = found == elements.end() ? ElementType::F32 : found->second;
    if (layout.append(store.getName(), getStorageSize(type) * bytesOf(element), element)) {
      return WalkResult::advance();
    }
    store.emitError("the parameter '") << store.getName() << "' is stored twice";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted()) {
    return failure();
  }
  return layout;
}

//===----------------------------------------------------------------------===//
// Writer
//===----------------------------------------------------------------------===//

static_assert(llvm::endianness::native == llvm::endianness::little,
              "values are written as they lie in memory");

void ParameterBlockWriter::write(const void *data, uint64_t byteCount) {
  out.write(static_cast<const char *>(data), byteCount);
  hash.update(data, byteCount);
  position += byteCount;
}

llvm::Error ParameterBlockWriter::endEntry() {
  if (entryCount == 0) {
    return llvm::Error::success();
  }
  const ParameterEntry &entry = layout.getEntries()[entryCount - 1];
  if (position != entry.offset + entry.size) {
    return createStringError("the parameter '" + entry.name + "' has " +
                             llvm::Twine(position - entry.offset) + " bytes, its entry has " +
                             llvm::Twine(entry.size));
  }
  static constexpr char zeros[parameterEntryAlignment] = {};
  write(zeros, llvm::offsetToAlignment(position, llvm::Align(parameterEntryAlignment)));
  return llvm::Error::success();
}

llvm::Error ParameterBlockWriter::beginEntry(StringRef name) {
  if (auto error = endEntry()) {
    return error;
  }
  if (entryCount == layout.getEntries().size() || layout.getEntries()[entryCount].name != name) {
    return createStringError("the parameter '" + name + "' is not entry " +
                             llvm::Twine(entryCount) + " of the parameter block");
  }
  ++entryCount;
  return llvm::Error::success();
}

llvm::Error ParameterBlockWriter::append(ArrayRef<float> values) {
  assert(entryCount > 0 && "no entry was begun");
  const ParameterEntry &entry = layout.getEntries()[entryCount - 1];
  uint64_t byteCount = values.size() * bytesOf(entry.element);
  if (position + byteCount > entry.offset + entry.size) {
    return createStringError("the parameter '" + entry.name + "' is larger than the " +
                             llvm::Twine(entry.size) + " bytes of its entry");
  }
  if (entry.element == ElementType::F16) {
    return writeFloat16(values);
  }
  write(values.data(), byteCount);
  return llvm::Error::success();
}

llvm::Error ParameterBlockWriter::writeFloat16(ArrayRef<float> values) {
  constexpr uint16_t infinity = 0x7c00;
  SmallVector<uint16_t, 0> halves(values.size());
  for (auto [value, half] : llvm::zip_equal(values, halves)) {
    half = toFloat16(value);
    if ((half & infinity) == infinity && std::isfinite(value)) {
      return createStringError(
          llvm::formatv("it holds {0:e3}, and float16 ends at 65504: compile with --precision f32",
                        value)
              .str());
    }
  }
  write(halves.data(), halves.size() * sizeof(uint16_t));
  return llvm::Error::success();
}

llvm::Expected<ParameterBlockWriter::Digest> ParameterBlockWriter::finish() {
  if (auto error = endEntry()) {
    return std::move(error);
  }
  if (entryCount != layout.getEntries().size()) {
    return createStringError("the parameter '" + layout.getEntries()[entryCount].name +
                             "' was not written");
  }
  Digest digest;
  hash.finish(digest.data());
  return digest;
}
