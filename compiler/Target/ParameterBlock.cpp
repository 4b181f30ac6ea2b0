//===- ParameterBlock.cpp - The parameters of a module --------------------===//

#include "compiler/Target/ParameterBlock.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ParameterStorage.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using llvm::createStringError;

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

bool ParameterBlockLayout::append(StringRef name, uint64_t entrySize) {
  if (!positions.try_emplace(name, entries.size()).second) {
    return false;
  }
  entries.push_back({name.str(), size, entrySize});
  size = llvm::alignTo(size + entrySize, parameterEntryAlignment);
  return true;
}

const ParameterEntry *ParameterBlockLayout::lookup(StringRef name) const {
  auto position = positions.find(name);
  return position == positions.end() ? nullptr : &entries[position->second];
}

FailureOr<ParameterBlockLayout> oriel::computeParameterLayout(ModuleOp module) {
  ParameterBlockLayout layout;
  auto prepare = module.lookupSymbol<func::FuncOp>("prepare");
  if (!prepare) {
    return layout;
  }
  auto result = prepare.walk([&](StorePreparedOp store) {
    auto type = cast<RankedTensorType>(store.getValue().getType());
    if (layout.append(store.getName(), getStorageSize(type) * sizeof(float))) {
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
  uint64_t byteCount = values.size() * sizeof(float);
  if (position + byteCount > entry.offset + entry.size) {
    return createStringError("the parameter '" + entry.name + "' is larger than the " +
                             llvm::Twine(entry.size) + " bytes of its entry");
  }
  write(values.data(), byteCount);
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
