// What the stand-in for NVIDIA's driver keeps.

#ifndef ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDASTATE_H
#define ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDASTATE_H

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace oriel::test::stand_in {

// cuda.h.
constexpr int32_t success = 0, invalidValue = 1, outOfMemory = 2, noDevice = 100,
                  invalidImage = 200, invalidContext = 201, invalidPtx = 218, invalidHandle = 400,
                  notFound = 500, illegalAddress = 700, launchFailed = 719,
                  captureUnsupported = 900;

/// Machine code of the stand-in is this, then the PTX.
constexpr char codeMark[] = "stand-in code\n";

struct Memory {
  std::vector<uint8_t> bytes;
  size_t size = 0;
};

struct Function {
  std::string name;
  /// Of each parameter.
  std::vector<size_t> parameterBytes;
  /// Of .maxntid.
  std::array<uint32_t, 3> mostThreads = {};
};

struct Module {
  explicit Module(const std::string &ptx);
  std::vector<Function> functions;
};

struct Launch {
  const Function *function = nullptr;
  std::array<uint32_t, 3> blocks = {}, threads = {};
  uint32_t sharedBytes = 0;
  std::vector<std::vector<uint8_t>> values;
};

struct Stream {
  bool isRecording = false;
  std::thread::id recorder;
  std::vector<Launch> launches;
};

struct Graph {
  explicit Graph(std::vector<Launch> launches) : launches(std::move(launches)) {}
  std::vector<Launch> launches;
};

struct Linker {
  char *log = nullptr;
  size_t logBytes = 0;
  std::string code;
};

struct Failure {
  int32_t code = 0, skip = 0;
};

/// The whole machine. Every function holds the mutex.
class State {
public:
  static State &get();
  /// The thread's stack of contexts.
  static std::vector<void *> &current();

  State();
  void reset();
  int32_t live();

  /// Counts a call; what it is told to give, or 0.
  int32_t enter(const char *name);
  int32_t violate(const std::string &rule, int32_t code);

  bool isRecording(std::thread::id thread) const;
  /// `found` is nullptr for the default stream.
  int32_t findStream(void *handle, Stream *&found);
  bool isAllocated(uint64_t address, uint64_t bytes) const;
  int32_t checkCopy(void *stream, uint64_t address, uint64_t bytes);
  int32_t checkLaunch(const Launch &launch);
  int32_t execute(const Launch &launch);

  template <typename Object>
  int32_t erase(std::vector<std::unique_ptr<Object>> &objects, void *object, const char *kind) {
    for (size_t i = 0; i < objects.size(); ++i) {
      if (objects[i].get() == object) {
        objects.erase(objects.begin() + ptrdiff_t(i));
        return success;
      }
    }
    return violate(std::string("what is destroyed is no ") + kind, invalidHandle);
  }

  std::recursive_mutex mutex;
  bool isInitialized = false;
  std::map<std::string, int64_t> settings;
  std::map<std::string, int32_t> counts;
  std::map<std::string, Failure> failures;
  std::string violations, source;
  int32_t contextUses = 0;
  std::map<uint64_t, Memory> memory;
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<std::unique_ptr<Linker>> linkers;
  std::vector<std::unique_ptr<Module>> modules;
};

} // namespace oriel::test::stand_in

#endif // ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDASTATE_H
