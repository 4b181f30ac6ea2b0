// oriel-eval on the example module: what it says is what oriel-run says of every picture.

#include "ToolFixture.h"

#include "oriel/data/Image.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

namespace {

/// A folder with a few pictures for each of three of the example's 16 classes.
class Eval : public Tools {
protected:
  void SetUp() override {
    Tools::SetUp();
    pictures = folder.path("pictures");
    for (const char *name :
         {"alpha/rgb.png", "alpha/lossy.webp", "gamma/grey.jpg", "gamma/deep/cmyk.jpg",
          "pi/palette.png", "pi/tall.png", "pi/grey.png"}) {
      fs::path target = fs::path(pictures) / name;
      fs::create_directories(target.parent_path());
      fs::copy(images + target.filename().string(), target);
    }
  }

  /// The classes of a picture, best first, as oriel-run ranks them.
  std::vector<std::string> ranking(const std::string &path) {
    Json top = json("run", module + " --top 16 --image " + path)["results"][0]["top"];
    std::vector<std::string> names;
    for (const Json &entry : top) {
      names.push_back(entry["class"]);
    }
    return names;
  }
  /// Of the picture's class, from 0.
  int64_t rankOf(const fs::path &path) {
    std::string name = fs::relative(path, pictures).begin()->string();
    std::vector<std::string> names = ranking(path.string());
    return std::find(names.begin(), names.end(), name) - names.begin();
  }
  std::string read(const std::string &path) {
    Bytes bytes = readFile(path);
    return {bytes.begin(), bytes.end()};
  }
  Json evaluate(const std::string &arguments, int status = 0) {
    Outcome outcome = call("eval", module + " --json --data " + arguments);
    EXPECT_EQ(outcome.status, status) << outcome.error;
    return Json::parse(outcome.output);
  }

  std::string pictures;
};

TEST_F(Eval, CountsWhatRunPredicts) {
  int64_t top1 = 0, top5 = 0, count = 0;
  std::map<std::string, int64_t> correct;
  for (const auto &entry : fs::recursive_directory_iterator(pictures)) {
    if (entry.is_regular_file()) {
      int64_t rank = rankOf(entry.path());
      top1 += rank < 1;
      top5 += rank < 5;
      correct[fs::relative(entry.path(), pictures).begin()->string()] += rank < 1;
      ++count;
    }
  }
  Json json = evaluate(pictures);
  EXPECT_EQ(json["pictures"], count);
  EXPECT_EQ(json["evaluated"], 7);
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["top1"], double(top1) / double(count));
  EXPECT_EQ(json["top5"], double(top5) / double(count));
  ASSERT_EQ(json["classes"].size(), 16u);
  for (const Json &entry : json["classes"]) {
    EXPECT_EQ(entry["correct"], correct[entry["class"]]);
  }
  EXPECT_GT(json["images_per_s"], 0.0);
  double shares = 0;
  for (const Json &share : json["time_share"]) {
    shares += share.get<double>();
  }
  EXPECT_NEAR(shares, 1, 1e-12);
}

TEST_F(Eval, ListsTheSamePredictionsWhateverTheBatchAndTheThreads) {
  std::string file = folder.path("p.csv"), first;
  for (const char *options : {"--workers 0 --threads 1", "--batch 1 --workers 1",
                              "--batch 3 --workers 2", "--batch 8 --workers 5 --threads 2"}) {
    evaluate(pictures + " --predictions " + file + " " + options);
    first = first.empty() ? read(file) : first;
    EXPECT_EQ(read(file), first) << options;
  }
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 8);
  EXPECT_THAT(first, HasSubstr("\n" + pictures + "/pi/tall.png,pi," +
                               ranking(pictures + "/pi/tall.png")[0] + ",0."));
}

TEST_F(Eval, NamesAPictureThatItCannotReadAndGoesOn) {
  std::ofstream(pictures + "/alpha/bad.jpg") << "no picture";
  Outcome outcome = call("eval", module + " --data " + pictures + " --batch 1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("of 7 pictures\n"));
  EXPECT_THAT(outcome.output, HasSubstr("failed: '" + pictures + "/alpha/bad.jpg' is neither"));
  EXPECT_THAT(outcome.error,
              HasSubstr("\noriel-eval: 1 of 8 pictures could not be read, the first one: '"));
  Json json = evaluate(pictures, 1);
  EXPECT_EQ(json["failed"].size(), 1u);
  EXPECT_EQ(json["failed"][0]["file"], pictures + "/alpha/bad.jpg");
  EXPECT_EQ(json["evaluated"], 7);
}

TEST_F(Eval, RefusesClassesThatTheModelLacks) {
  fs::rename(pictures + "/pi", pictures + "/tau");
  EXPECT_THAT(failure(1, "eval", module + " --data " + pictures),
              HasSubstr("classes that are not the model's: tau; the model's are: alpha, beta,"));
  EXPECT_THAT(failure(1, "eval", module + " --data " + folder.path("none")), HasSubstr("No such"));
  fs::create_directories(folder.path("empty"));
  EXPECT_THAT(failure(1, "eval", module + " --data " + folder.path("empty")),
              HasSubstr("has no pictures"));
}

TEST_F(Eval, TakesTheNamesOfClassesFromAFile) {
  std::string labels;
  for (int i = 0; i < 13; ++i) {
    labels += "unused " + std::to_string(i) + "\n";
  }
  std::string text = labels + "pi\r\ngamma\nalpha\n\n";
  std::string path = folder.write("labels.txt", {text.begin(), text.end()});
  Json json = evaluate(pictures + " --labels " + path);
  EXPECT_EQ(json["classes"][13]["pictures"], 3);
  EXPECT_EQ(json["classes"][15]["pictures"], 2);
}

TEST_F(Eval, TakesAListOfPictures) {
  std::string text = "pictures/pi/tall.png\tpi\npictures/alpha/rgb.png beta\n";
  std::string list = folder.write("list.txt", {text.begin(), text.end()});
  Json json = evaluate(list);
  EXPECT_EQ(json["evaluated"], 2);
  EXPECT_EQ(json["classes"][1]["pictures"], 1);
}

TEST_F(Eval, EvaluatesNoMoreThanTheLimit) {
  EXPECT_EQ(evaluate(pictures + " --limit 3")["evaluated"], 3);
  EXPECT_EQ(evaluate(pictures + " --limit 100")["evaluated"], 7);
  EXPECT_THAT(failure(2, "eval", module + " --data " + pictures + " --limit 0"),
              HasSubstr("Value 0 not in range 1 to 2147483647"));
}

TEST_F(Eval, DrawsTheConfusionMatrix) {
  evaluate(pictures + " --confusion " + folder.path("c.png"));
  EXPECT_GT(data::readImage(folder.path("c.png")).width, 16 * 12);
  evaluate(pictures + " --confusion " + folder.path("c.svg"));
  EXPECT_THAT(read(folder.path("c.svg")), StartsWith("<svg"));
  failure(2, "eval", module + " --data " + pictures + " --confusion c.jpg");
  EXPECT_THAT(failure(1, "eval", module + " --data " + pictures + " --confusion none/c.png"),
              HasSubstr("cannot write 'none/c.png': No such file or directory"));
}

TEST_F(Eval, ReportsWhatIsDoneWhenItIsInterrupted) {
  std::string text;
  for (int i = 0; i < 40000; ++i) {
    text += "pictures/pi/tall.png\tpi\n";
  }
  std::string list = folder.write("list.txt", {text.begin(), text.end()});
  // Interrupts it once it says that a tenth is done.
  std::string command = "sh -c '" ORIEL_TOOLS "/oriel-eval " + module + " --data " + list +
                        " --json --workers 0 --threads 1 --batch 8 2>" + folder.path("stderr") +
                        " >" + folder.path("stdout") + " & child=$!; while ! grep -q left " +
                        folder.path("stderr") +
                        "; do sleep 0.01; done; kill -INT $child; wait $child'";
  int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_THAT(read(folder.path("stderr")), HasSubstr("\noriel-eval: interrupted after "));
  Json json = Json::parse(read(folder.path("stdout")));
  EXPECT_EQ(json["complete"], false);
  EXPECT_GE(json["evaluated"], 4000);
  EXPECT_LT(json["evaluated"], 40000);
}

} // namespace
