#include "runtime/src/CudaPtx.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace oriel;

namespace {

constexpr char directive[] = ".entry";

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// An entry of a source.
struct Entry {
  /// From its line's begin to the brace behind its parameters, and behind its closing brace.
  const char *begin, *body, *end;
  const char *name;
  size_t nameLength;
};

/// The first entry from `text` on, if there is one.
bool findEntry(const char *text, Entry &entry) {
  const char *found = strstr(text, directive);
  if (found == nullptr) {
    return false;
  }
  entry.begin = found;
  while (entry.begin > text && entry.begin[-1] != '\n') {
    --entry.begin;
  }
  entry.name = found + sizeof directive - 1;
  while (isSpace(*entry.name)) {
    ++entry.name;
  }
  entry.nameLength = strcspn(entry.name, " \t\r\n({");
  entry.body = strchr(entry.name, '{');
  if (entry.body == nullptr) {
    return false;
  }
  int64_t depth = 0;
  entry.end = entry.body;
  do {
    depth += *entry.end == '{' ? 1 : *entry.end == '}' ? -1 : 0;
    ++entry.end;
  } while (depth > 0 && *entry.end != '\0');
  return depth == 0;
}

char *append(char *to, const char *from, size_t length) {
  memcpy(to, from, length);
  return to + length;
}

} // namespace

char *oriel::isolatePtxEntry(const char *source, const char *entry, const int32_t threads[3]) {
  char bound[64];
  int boundLength =
      snprintf(bound, sizeof bound, ".maxntid %d, %d, %d\n", threads[0], threads[1], threads[2]);
  auto *result = static_cast<char *>(malloc(strlen(source) + sizeof bound));
  if (result == nullptr) {
    return nullptr;
  }
  char *end = result;
  bool isFound = false;
  Entry next;
  while (findEntry(source, next)) {
    end = append(end, source, size_t(next.begin - source));
    if (strlen(entry) == next.nameLength && strncmp(entry, next.name, next.nameLength) == 0) {
      isFound = true;
      end = append(end, next.begin, size_t(next.body - next.begin));
      end = append(end, bound, size_t(boundLength));
      end = append(end, next.body, size_t(next.end - next.body));
    }
    source = next.end;
  }
  memcpy(end, source, strlen(source) + 1);
  if (!isFound) {
    free(result);
    return nullptr;
  }
  return result;
}

int32_t oriel::requiredCapability(const char *source) {
  constexpr char target[] = ".target sm_";
  const char *found = strstr(source, target);
  return found != nullptr ? atoi(found + sizeof target - 1) : 0;
}
