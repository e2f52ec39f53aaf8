#include "data/source_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"

namespace pinion::data {
namespace {

using testing::HasSubstr;

class SourceFileTest : public testing::Test {
 protected:
  std::string ErrorOf(const std::string& path) {
    const auto file = SourceFile::Open(path);
    EXPECT_TRUE(file.status().IsIOError()) << file.status();
    return file.status().message();
  }

  tests::TemporaryFolder folder_;
};

TEST_F(SourceFileTest, SaysWhyAPathIsNoFile) {
  EXPECT_THAT(ErrorOf(folder_ / "none"),
              HasSubstr("there is no file '" + folder_.path()));
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("is a directory"));
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(ErrorOf(folder_ / "pipe"), HasSubstr("no regular file"));
  EXPECT_THAT(ErrorOf("/dev/null"), HasSubstr("no regular file"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("there is no file ''"));
  EXPECT_THAT(ErrorOf(folder_ / "none" + "/x"), HasSubstr("there is no file"));
}

TEST_F(SourceFileTest, ReadsExactlyWhatIsAskedForOrFails) {
  tests::WriteFile(folder_ / "f", "0123456789");
  ASSERT_OK_AND_ASSIGN(auto file, SourceFile::Open(folder_ / "f"));
  EXPECT_EQ(file->size(), 10);
  ASSERT_OK_AND_ASSIGN(auto middle, file->Read(3, 4));
  EXPECT_EQ(middle->ToString(), "3456");
  EXPECT_TRUE(file->Read(3, 8).status().IsIOError());
  EXPECT_TRUE(file->Read(-1, 1).status().IsIOError());
  EXPECT_TRUE(file->Read(5, INT64_MAX).status().IsIOError());
}

TEST_F(SourceFileTest, ViewsHavePositionsOfTheirOwn) {
  tests::WriteFile(folder_ / "f", "0123456789");
  ASSERT_OK_AND_ASSIGN(auto file, SourceFile::Open(folder_ / "f"));
  const auto one = file->OpenView();
  const auto other = file->OpenView();
  EXPECT_EQ(one->Read(4).ValueOrDie()->ToString(), "0123");
  EXPECT_EQ(other->Read(2).ValueOrDie()->ToString(), "01");
  EXPECT_EQ(one->Read(100).ValueOrDie()->ToString(), "456789");
  EXPECT_EQ(one->Read(1).ValueOrDie()->size(), 0);
  EXPECT_EQ(one->ReadAt(8, 100).ValueOrDie()->ToString(), "89");
  ASSERT_OK(one->Seek(1));
  EXPECT_EQ(one->Read(1).ValueOrDie()->ToString(), "1");
}

TEST_F(SourceFileTest, ViewsNoticeThatTheFileWasChanged) {
  tests::WriteFile(folder_ / "f", "0123456789");
  ASSERT_OK_AND_ASSIGN(auto file, SourceFile::Open(folder_ / "f"));
  const auto view = file->OpenView();
  ASSERT_EQ(truncate((folder_ / "f").c_str(), 5), 0);
  EXPECT_THAT(view->Read(1).status().message(), HasSubstr("was cut"));
  EXPECT_THAT(view->ReadAt(0, 1).status().message(), HasSubstr("was cut"));
}

}  // namespace
}  // namespace pinion::data
