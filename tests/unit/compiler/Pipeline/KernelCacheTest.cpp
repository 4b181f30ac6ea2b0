#include "compiler/Pipeline/KernelCache.h"

#include "tests/unit/compiler/Target/TestFolder.h"

#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

namespace {

KernelCache::Key makeKey(uint8_t number) {
  KernelCache::Key key = {};
  key[0] = number;
  return key;
}

/// A file of the folder gets a time of last use so many seconds ago.
void setAge(const std::filesystem::path &file, int seconds) {
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() -
                                             std::chrono::seconds(seconds));
}

class KernelCacheTest : public testing::Test {
protected:
  std::string root() const { return folder.file("cache"); }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> paths;
    if (std::filesystem::exists(root())) {
      for (const auto &entry : std::filesystem::directory_iterator(root())) {
        paths.push_back(entry.path());
      }
    }
    return paths;
  }

  TestFolder folder;
};

TEST_F(KernelCacheTest, GivesBackWhatWasStored) {
  KernelCache cache(root());
  EXPECT_EQ(cache.find(makeKey(1)), std::nullopt);
  std::string bytes("a\0b", 3);
  cache.store(makeKey(1), bytes);
  cache.store(makeKey(2), "");
  EXPECT_THAT(cache.find(makeKey(1)), Optional(bytes));
  EXPECT_THAT(KernelCache(root()).find(makeKey(2)), Optional(std::string()));
  EXPECT_EQ(cache.find(makeKey(3)), std::nullopt);
}

TEST_F(KernelCacheTest, IsEmptyWithoutAFolder) {
  KernelCache cache("");
  cache.store(makeKey(1), "bytes");
  cache.trim();
  EXPECT_EQ(cache.find(makeKey(1)), std::nullopt);
}

TEST_F(KernelCacheTest, TakesADamagedFileForAbsentAndReplacesIt) {
  KernelCache cache(root());
  cache.store(makeKey(1), "bytes");
  std::string path = files().front();
  std::string whole = folder.read(path);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    folder.write(path, damaged);
    EXPECT_EQ(cache.find(makeKey(1)), std::nullopt) << "byte " << i;
    folder.write(path, whole.substr(0, i));
    EXPECT_EQ(cache.find(makeKey(1)), std::nullopt) << "cut to " << i;
  }
  cache.store(makeKey(1), "bytes");
  EXPECT_THAT(cache.find(makeKey(1)), Optional(std::string("bytes")));
}

TEST_F(KernelCacheTest, TakesNoFileOfAnotherKey) {
  KernelCache cache(root());
  cache.store(makeKey(1), "one");
  std::filesystem::path one = files().front();
  cache.store(makeKey(2), "two");
  for (const auto &path : files()) {
    if (path != one) {
      std::filesystem::rename(path, one);
    }
  }
  EXPECT_EQ(cache.find(makeKey(1)), std::nullopt);
}

TEST_F(KernelCacheTest, KeepsWhatWasUsedLastWithinTheLimit) {
  std::string bytes(1000, 'x');
  // Two files with their heads fit, three do not.
  KernelCache cache(root(), 2500);
  for (uint8_t number : {1, 2, 3}) {
    cache.store(makeKey(number), bytes);
    for (const auto &path : files()) {
      setAge(path, 100 - number);
    }
  }
  for (const auto &path : files()) {
    setAge(path, 100);
  }
  EXPECT_TRUE(cache.find(makeKey(1)));
  EXPECT_TRUE(cache.find(makeKey(3)));
  cache.trim();
  EXPECT_THAT(files(), SizeIs(2));
  EXPECT_TRUE(cache.find(makeKey(1)));
  EXPECT_EQ(cache.find(makeKey(2)), std::nullopt);
  EXPECT_TRUE(cache.find(makeKey(3)));
}

TEST_F(KernelCacheTest, RemovesWhatKilledCompilersLeft) {
  KernelCache cache(root());
  cache.store(makeKey(1), "bytes");
  std::string abandoned = files().front().string() + ".tmp-12345678";
  std::string current = files().front().string() + ".tmp-abcdefgh";
  folder.write(abandoned, "half");
  folder.write(current, "half");
  setAge(abandoned, 7200);
  cache.trim();
  EXPECT_FALSE(std::filesystem::exists(abandoned));
  EXPECT_TRUE(std::filesystem::exists(current));
  EXPECT_TRUE(cache.find(makeKey(1)));
}

TEST_F(KernelCacheTest, DoesWithoutAFolderThatCannotBeWritten) {
  folder.write("file", "");
  for (const std::string &path : {std::string("/proc/none"), folder.file("file/cache")}) {
    KernelCache cache(path);
    cache.store(makeKey(1), "bytes");
    cache.trim();
    EXPECT_EQ(cache.find(makeKey(1)), std::nullopt);
  }
}

TEST_F(KernelCacheTest, LeavesNothingWhereTheDiskIsFull) {
  KernelCache cache(root());
  rlimit previous;
  getrlimit(RLIMIT_FSIZE, &previous);
  rlimit limit = {100, previous.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  cache.store(makeKey(1), std::string(1000, 'x'));
  setrlimit(RLIMIT_FSIZE, &previous);
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(cache.find(makeKey(1)), std::nullopt);
}

TEST_F(KernelCacheTest, UsesNoFolderThatOthersMayWriteTo) {
  KernelCache(root()).store(makeKey(1), "bytes");
  std::filesystem::permissions(root(), std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  KernelCache open(root());
  EXPECT_EQ(open.getFolder(), "");
  EXPECT_EQ(open.find(makeKey(1)), std::nullopt);
}

TEST_F(KernelCacheTest, ServesProcessesThatUseItAtOnce) {
  auto contentOf = [](uint8_t number) { return std::string(20000, static_cast<char>(number)); };
  constexpr int processes = 6, rounds = 60;
  for (int process = 0; process < processes; ++process) {
    if (fork() != 0) {
      continue;
    }
    // So small that files vanish all the time.
    KernelCache cache(root(), 70000);
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) {
      auto number = static_cast<uint8_t>((round * 7 + process) % 5);
      auto found = cache.find(makeKey(number));
      wrong += found && *found != contentOf(number) ? 1 : 0;
      cache.store(makeKey(number), contentOf(number));
      cache.trim();
    }
    _exit(wrong);
  }
  for (int process = 0; process < processes; ++process) {
    int status = 0;
    wait(&status);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "a process read what was not stored";
  }
  EXPECT_LE(files().size(), 3u);
}

TEST_F(KernelCacheTest, LiesWhereTheSpecificationSays) {
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(defaultCacheFolder(), "/somewhere/oriel");
  setenv("HOME", "/home/me", 1);
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(defaultCacheFolder(), "/home/me/.cache/oriel");
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(defaultCacheFolder(), "/home/me/.cache/oriel");
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

/// A row reduction with the given names and epsilon.
std::string kernelText(StringRef name, StringRef layer, StringRef epsilon) {
  return (R"(
    exec.kernel @)" +
          name +
          R"( family "row-reduction" inputs [!exec.buffer<tensor<1x4x16xf32>, arena>, !exec.buffer<tensor<16xf32>, parameter>, !exec.buffer<tensor<16xf32>, parameter>] outputs [!exec.buffer<tensor<1x4x16xf32>, arena>] {
      %0 = exec.operand 0 : tensor<1x4x16xf32>
      %1 = exec.operand 1 : tensor<16xf32>
      %2 = exec.operand 2 : tensor<16xf32>
      %3 = oriel.kernel (%x = %0 : tensor<1x4x16xf32>, %g = %1 : tensor<16xf32>, %b = %2 : tensor<16xf32>) -> tensor<1x4x16xf32> {
        %n = oriel.layer_norm %x, %g, %b {epsilon = )" +
          epsilon +
          R"( : f64} : (tensor<1x4x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32> loc(")" +
          layer + R"(")
        oriel.yield %n : tensor<1x4x16xf32>
      } loc(")" +
          layer + R"(")
    })")
      .str();
}

class KernelKeyTest : public testing::Test {
protected:
  KernelKeyTest() {
    DialectRegistry registry;
    registry.insert<OrielDialect, exec::ExecDialect>();
    context.appendDialectRegistry(registry);
  }

  KernelCache::Key keyOf(const std::string &text, const KernelTarget &target = v3(),
                         StringRef compiler = "compiler",
                         const ScheduleParameters &parameters = {}) {
    auto module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return makeKernelKey(*module->getOps<exec::KernelOp>().begin(), target, parameters, compiler);
  }
  static KernelTarget v3() { return *KernelTarget::get("x86-64-v3"); }

  MLIRContext context;
};

TEST_F(KernelKeyTest, DependsOnNeitherNamesNorLayers) {
  EXPECT_EQ(keyOf(kernelText("row_reduction_0", "norm1", "1.0e-05")),
            keyOf(kernelText("row_reduction_7", "layers.3.norm", "1.0e-05")));
}

TEST_F(KernelKeyTest, DependsOnStructureTargetParametersAndCompiler) {
  std::string text = kernelText("k", "norm", "1.0e-05");
  KernelCache::Key key = keyOf(text);
  EXPECT_NE(key, keyOf(kernelText("k", "norm", "1.0e-06")));
  EXPECT_NE(key, keyOf(text, *KernelTarget::get("x86-64-v4")));
  EXPECT_NE(key, keyOf(text, KernelTarget::avx512SchedulesInAvx2()));
  EXPECT_NE(key, keyOf(text, v3(), "another compiler"));
  ScheduleParameters parameters;
  parameters.values["tile_rows"] = 4;
  EXPECT_NE(key, keyOf(text, v3(), "compiler", parameters));
  KernelTarget largeCache = v3();
  largeCache.l2Bytes *= 2;
  EXPECT_NE(key, keyOf(text, largeCache));
}

TEST(CompilerIdentity, IsThatOfTheLoadedCode) {
  std::string identity = compilerIdentity();
  EXPECT_EQ(identity, compilerIdentity());
  // This program and its libraries, LLVM's among them, each in a line.
  EXPECT_GT(std::count(identity.begin(), identity.end(), '\n'), 5);
}

} // namespace
