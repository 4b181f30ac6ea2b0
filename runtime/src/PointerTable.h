// A small hash table: the runtime has no C++ library.

#ifndef ORIEL_RUNTIME_SRC_POINTERTABLE_H
#define ORIEL_RUNTIME_SRC_POINTERTABLE_H

#include <cstdint>
#include <cstdlib>

namespace oriel {

/// Pointers by two numbers; nothing is ever taken out. Not for several threads at once.
class PointerTable {
public:
  PointerTable() = default;
  ~PointerTable() { free(entries); }
  PointerTable(const PointerTable &) = delete;
  PointerTable &operator=(const PointerTable &) = delete;

  /// What was inserted under the two, or nullptr.
  void *find(uint64_t first, uint64_t second) const {
    const Entry *entry = capacity != 0 ? &place(entries, capacity, first, second) : nullptr;
    return entry != nullptr ? entry->value : nullptr;
  }

  /// Inserts a value that is not null, where `find` finds none; false where memory is out.
  bool insert(uint64_t first, uint64_t second, void *value) {
    if (2 * (count + 1) > capacity && !grow()) {
      return false;
    }
    place(entries, capacity, first, second) = {first, second, value};
    ++count;
    return true;
  }

  /// Calls function(value) for each.
  template <typename Function>
  void forEach(Function function) const {
    for (uint64_t i = 0; i < capacity; ++i) {
      if (entries[i].value != nullptr) {
        function(entries[i].value);
      }
    }
  }

private:
  struct Entry {
    uint64_t first, second;
    void *value;
  };

  /// The entry of the two, or the free one where it would stand. Half of the entries are free.
  static Entry &place(Entry *entries, uint64_t capacity, uint64_t first, uint64_t second) {
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4).
    uint64_t hash = (first * 0x9e3779b97f4a7c15 ^ second) * 0x9e3779b97f4a7c15;
    for (uint64_t i = hash >> 20;; ++i) {
      Entry &entry = entries[i % capacity];
      if (entry.value == nullptr || (entry.first == first && entry.second == second)) {
        return entry;
      }
    }
  }

  bool grow() {
    uint64_t size = capacity == 0 ? 64 : 2 * capacity;
    auto *larger = static_cast<Entry *>(calloc(size, sizeof(Entry)));
    if (larger == nullptr) {
      return false;
    }
    for (uint64_t i = 0; i < capacity; ++i) {
      if (entries[i].value != nullptr) {
        place(larger, size, entries[i].first, entries[i].second) = entries[i];
      }
    }
    free(entries);
    entries = larger;
    capacity = size;
    return true;
  }

  Entry *entries = nullptr;
  uint64_t capacity = 0, count = 0;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_POINTERTABLE_H
