#include "oriel/data/Dataset.h"

#include "../ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

using namespace oriel::data;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class ImageListTest : public testing::Test {
protected:
  /// Makes an empty file and the folders above it.
  void touch(const std::string &name) {
    fs::create_directories(fs::path(root.path(name)).parent_path());
    root.write(name, {});
  }
  std::string writeText(const std::string &name, const std::string &text) {
    return root.write(name, {text.begin(), text.end()});
  }
  /// "label name" of each entry, names relative to the root.
  std::vector<std::string> describe(const ImageList &list) {
    std::vector<std::string> lines;
    lines.reserve(list.entries.size());
    for (const ImageEntry &entry : list.entries) {
      lines.push_back(std::to_string(entry.label) + " " +
                      fs::relative(fs::path(entry.path).parent_path(), root.path("")).string() +
                      "/" + fs::path(entry.path).filename().string());
    }
    return lines;
  }
  template <typename Function>
  std::string errorOf(Function function) {
    try {
      function();
    } catch (const Error &error) {
      return error.what();
    }
    return "no error";
  }

  oriel::test::TemporaryFolder root;
};

TEST_F(ImageListTest, TakesEveryPictureBelowAClassInOrder) {
  for (const char *name : {"dog/b.png", "dog/a.JPG", "cat/deep/er/x.WebP", "cat/y.jpeg",
                           "cat/x.txt", "cat/.hidden.png", ".git/z.png", "loose.png", "cat/jpg"}) {
    touch(name);
  }
  fs::create_directories(root.path("empty"));
  ImageList list = listImageFolder(root.path(""));
  EXPECT_THAT(list.classNames, ElementsAre("cat", "dog", "empty"));
  EXPECT_THAT(describe(list),
              ElementsAre("0 cat/deep/er/x.WebP", "0 cat/y.jpeg", "1 dog/a.JPG", "1 dog/b.png"));
}

TEST_F(ImageListTest, FollowsLinksButNotInCircles) {
  touch("a/x.png");
  touch("b/y.png");
  fs::create_directory_symlink(root.path("a"), root.path("b/linked"));
  fs::create_directory_symlink(root.path("b"), root.path("b/again"));
  fs::create_symlink(root.path("nowhere"), root.path("a/broken.png"));
  ASSERT_EQ(mkfifo(root.path("a/pipe.png").c_str(), 0600), 0);
  EXPECT_THAT(
      describe(listImageFolder(root.path(""))),
      ElementsAre("0 a/broken.png", "0 a/x.png", "1 a/broken.png", "1 a/x.png", "1 b/y.png"));
}

TEST_F(ImageListTest, TakesTheClassesThatItIsGiven) {
  touch("dog/a.png");
  ImageList list = listImageFolder(root.path(""), {"cat", "dog"});
  EXPECT_THAT(list.classNames, ElementsAre("cat", "dog"));
  EXPECT_THAT(describe(list), ElementsAre("1 dog/a.png"));
}

TEST_F(ImageListTest, ListsBothSidesOfAnUnknownClass) {
  for (const char *name : {"dog/a.png", "emu/a.png", "gnu/a.png"}) {
    touch(name);
  }
  EXPECT_EQ(errorOf([&] { listImageFolder(root.path("x/.."), {"cat", "dog"}); }),
            "cannot read the folder '" + root.path("x/..") + "': No such file or directory");
  EXPECT_THAT(
      errorOf([&] { listImageFolder(root.path(""), {"cat", "dog"}); }),
      HasSubstr("has classes that are not the model's: emu, gnu; the model's are: cat, dog"));
  EXPECT_THAT(errorOf([&] { listImageFolder(root.path(""), {"dog", "emu", "gnu", "dog"}); }),
              HasSubstr("the class 'dog'"));
}

TEST_F(ImageListTest, NamesAFolderWithoutPictures) {
  fs::create_directories(root.path("cat"));
  EXPECT_THAT(errorOf([&] { listImageFolder(root.path("")); }), HasSubstr("has no pictures"));
}

TEST_F(ImageListTest, ReadsATextFile) {
  std::string file =
      writeText("list.txt", "a b.png\tgreat white shark\r\n\n  \nsub/c d.png ant\n/abs.png\tant");
  ImageList list = readImageList(file);
  EXPECT_THAT(list.classNames, ElementsAre("ant", "great white shark"));
  ASSERT_EQ(list.entries.size(), 3u);
  EXPECT_EQ(list.entries[0].path, root.path("a b.png"));
  EXPECT_EQ(list.entries[0].label, 1);
  EXPECT_EQ(list.entries[1].path, root.path("sub/c d.png"));
  EXPECT_EQ(list.entries[1].label, 0);
  EXPECT_EQ(list.entries[2].path, "/abs.png");
  EXPECT_EQ(readImageList(file, {"bee", "great white shark", "ant"}).entries[2].label, 2);
}

TEST_F(ImageListTest, NamesTheLineThatIsNotAnEntry) {
  for (const char *line : {"only.png", " ant", "x.png ", "x.png\t", "\tant"}) {
    EXPECT_THAT(errorOf([&] { readImageList(writeText("l", std::string("\nx.png a\n") + line)); }),
                HasSubstr("line 3 of"))
        << line;
  }
  EXPECT_THAT(errorOf([&] { readImageList(writeText("l", "\n \n")); }), HasSubstr("no pictures"));
  EXPECT_THAT(errorOf([&] { readImageList(root.path("none")); }), HasSubstr("No such file"));
  EXPECT_THAT(errorOf([&] { readImageList(writeText("l", "x.png bee"), {"ant"}); }),
              HasSubstr("not the model's: bee; the model's are: ant"));
}

} // namespace
