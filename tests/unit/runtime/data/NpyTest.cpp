#include "runtime/data/Npy.h"

#include "../ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

using namespace oriel;
using testing::HasSubstr;

namespace {

class Npy : public testing::Test {
protected:
  /// A file with this dictionary, header length and data.
  std::string write(const std::string &dictionary, size_t dataBytes, char version = 1) {
    test::Bytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', uint8_t(version), 0};
    std::string header = dictionary + "\n";
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
      file.push_back(uint8_t(header.size() >> (8 * i)));
    }
    file.insert(file.end(), header.begin(), header.end());
    file.resize(file.size() + dataBytes, 0);
    return folder.write("input.npy", file);
  }
  std::string errorOf(const std::string &path) {
    std::string error;
    FloatArray array;
    EXPECT_FALSE(readNpy(path, array, error));
    EXPECT_EQ(error.find('\n'), std::string::npos);
    EXPECT_THAT(error, HasSubstr(path));
    return error;
  }

  test::TemporaryFolder folder;
  std::string error;
};

TEST_F(Npy, GivesBackWhatWasWritten) {
  for (const std::vector<int64_t> &shape :
       {std::vector<int64_t>{}, {3}, {0, 4}, {2, 3}, {1, 2, 3, 1}}) {
    FloatArray written = {shape, {}}, read;
    int64_t count = 1;
    for (int64_t extent : shape) {
      count *= extent;
    }
    for (int64_t i = 0; i < count; ++i) {
      written.values.push_back(float(i) / 3);
    }
    ASSERT_TRUE(writeNpy(folder.path("x.npy"), written, error)) << error;
    ASSERT_TRUE(readNpy(folder.path("x.npy"), read, error)) << error;
    EXPECT_EQ(read.shape, shape);
    EXPECT_EQ(read.values, written.values);
  }
}

TEST_F(Npy, WritesTheDataAtAMultipleOf64Bytes) {
  ASSERT_TRUE(writeNpy(folder.path("x.npy"), {{5}, {1, 2, 3, 4, 5}}, error)) << error;
  test::Bytes file = test::readFile(folder.path("x.npy"));
  EXPECT_EQ((file.size() - 20) % 64, 0u);
  EXPECT_EQ(file[file.size() - 21], '\n');
}

TEST_F(Npy, ReadsEveryFormOfTheHeader) {
  FloatArray array;
  for (const char *text : {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
                           "{'shape':(2,3,),\"fortran_order\":False,'descr':\"<f4\"}   "}) {
    for (char version : {1, 2}) {
      ASSERT_TRUE(readNpy(write(text, 24, version), array, error)) << error;
      EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
      EXPECT_EQ(array.values.size(), 6u);
    }
  }
}

TEST_F(Npy, NamesWhatIsWrong) {
  auto header = [](const char *type, const char *order, const char *shape) {
    return std::string("{'descr': '") + type + "', 'fortran_order': " + order +
           ", 'shape': " + shape + ", }";
  };
  EXPECT_THAT(errorOf(folder.path("missing.npy")), HasSubstr("No such file"));
  EXPECT_THAT(errorOf(folder.write("x.npy", {})), HasSubstr("is not a .npy file"));
  EXPECT_THAT(errorOf(folder.write("x.npy", {'P', 'K', 3, 4})), HasSubstr("is not a .npy file"));
  EXPECT_THAT(errorOf(write(header("<f8", "False", "(2,)"), 16)),
              HasSubstr("element type '<f8' instead of '<f4': save it with .astype('<f4')"));
  EXPECT_THAT(errorOf(write(header(">f4", "False", "(2,)"), 8)), HasSubstr("'>f4'"));
  EXPECT_THAT(errorOf(write(header("<f4", "True", "(2,)"), 8)), HasSubstr("Fortran order"));
  EXPECT_THAT(errorOf(write(header("<f4", "False", "(2, 3)"), 23)),
              HasSubstr("has 23 bytes of data, but its shape [2, 3] needs 24"));
  EXPECT_THAT(errorOf(write(header("<f4", "False", "(2, 3)"), 28)), HasSubstr("has 28 bytes"));
  EXPECT_THAT(errorOf(write(header("<f4", "False", "(4611686018427387904, 4)"), 0)),
              HasSubstr("impossible shape"));
  EXPECT_THAT(errorOf(write(header("<f4", "False", "(2,)"), 8, 3)), HasSubstr("damaged"));
}

TEST_F(Npy, ReadsTheElementTypeThatIsWanted) {
  std::string bytes = write("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", 6);
  data::Tensor array = {ORIEL_ELEMENT_U8, {}, {}};
  ASSERT_TRUE(readNpy(bytes, array, error)) << error;
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array.bytes.size(), 6u);
  EXPECT_THAT(errorOf(bytes), HasSubstr("element type '|u1' instead of '<f4'"));
  ASSERT_TRUE(writeNpy(folder.path("input.npy"), {{3}, {1, 2, 3}}, error)) << error;
  EXPECT_FALSE(readNpy(folder.path("input.npy"), array, error));
  EXPECT_THAT(error, HasSubstr("element type '<f4' instead of '|u1': save it with .astype('|u1')"));
  array.elementType = ORIEL_ELEMENT_F32;
  ASSERT_TRUE(readNpy(folder.path("input.npy"), array, error)) << error;
  EXPECT_THAT(array.values<float>(), testing::ElementsAre(1, 2, 3));
}

TEST_F(Npy, RefusesEveryDamagedHeader) {
  std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_THAT(errorOf(write(good.substr(0, length), 24)), HasSubstr("damaged .npy header"));
  }
  for (const char *text :
       {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3), }",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x"}) {
    EXPECT_THAT(errorOf(write(text, 24)), HasSubstr("damaged .npy header")) << text;
  }
  test::Bytes file = test::readFile(write(good, 24));
  file[8] = file[9] = 0xff;
  EXPECT_THAT(errorOf(folder.write("x.npy", file)), HasSubstr("damaged .npy header"));
  for (size_t size = 6; size < 60; ++size) {
    EXPECT_THAT(errorOf(folder.write("x.npy", {file.begin(), file.begin() + ptrdiff_t(size)})),
                HasSubstr("damaged .npy header"));
  }
}

TEST_F(Npy, IsWrittenThroughALink) {
  test::Bytes empty;
  std::filesystem::create_symlink(folder.write("target.npy", empty), folder.path("link.npy"));
  ASSERT_TRUE(writeNpy(folder.path("link.npy"), {{1}, {7}}, error)) << error;
  FloatArray array;
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.npy")));
  ASSERT_TRUE(readNpy(folder.path("target.npy"), array, error)) << error;
  EXPECT_EQ(array.values, std::vector<float>{7});
}

TEST_F(Npy, LeavesNoFileWhereWritingFails) {
  EXPECT_FALSE(writeNpy(folder.path("missing/x.npy"), {{1}, {1}}, error));
  EXPECT_THAT(error, HasSubstr("missing/x.npy': No such file or directory"));
  // A full disk, as a device.
  EXPECT_FALSE(writeNpy("/dev/full", {{1}, {1}}, error));
  EXPECT_THAT(error, HasSubstr("No space left on device"));
  std::filesystem::create_directory(folder.path("folder.npy"));
  EXPECT_FALSE(writeNpy(folder.path("folder.npy"), {{1}, {1}}, error));
  std::filesystem::remove(folder.path("folder.npy"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

} // namespace
