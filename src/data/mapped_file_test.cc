#include "data/mapped_file.h"

#include <algorithm>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"

namespace pinion::data {
namespace {

using testing::HasSubstr;

constexpr int64_t kPages = 64;
const int64_t kPageBytes = sysconf(_SC_PAGESIZE);

class MappedFileTest : public testing::Test {
 protected:
  MappedFileTest() { tests::WriteFile(path_, std::string(kPages * kPageBytes, 'x')); }

  std::shared_ptr<const MappedFile> Map() const {
    return MappedFile::Map(SourceFile::Open(path_).ValueOrDie()).ValueOrDie();
  }

  static int64_t CountX(const arrow::Buffer& buffer) {
    return std::count(buffer.data(), buffer.data() + buffer.size(), 'x');
  }

  tests::TemporaryFolder folder_;
  const std::string path_ = folder_ / "file";
};

TEST_F(MappedFileTest, SlicesAreTheBytesOfTheFileAndKeepItMapped) {
  tests::WriteFile(path_, "0123456789");
  auto map = Map();
  ASSERT_OK_AND_ASSIGN(auto slice, map->Slice(2, 5));
  EXPECT_OK(map->Load(*slice));
  map.reset();
  EXPECT_EQ(slice->ToString(), "23456");
}

TEST_F(MappedFileTest, RefusesSlicesBeyondTheEnd) {
  const auto map = Map();
  const int64_t size = kPages * kPageBytes;
  EXPECT_OK(map->Slice(size, 0));
  for (const auto& [offset, bytes] :
       std::vector<std::pair<int64_t, int64_t>>{{-1, 1},
                                                {0, -1},
                                                {0, size + 1},
                                                {size, 1},
                                                {size + 1, 0},
                                                {1, INT64_MAX},
                                                {INT64_MAX, INT64_MAX}}) {
    EXPECT_TRUE(map->Slice(offset, bytes).status().IsIOError());
  }
}

TEST_F(MappedFileTest, PagesOfAFileThatIsCutReadAsZerosAndTheMapSaysSo) {
  const auto map = Map();
  const auto other = Map();
  ASSERT_OK_AND_ASSIGN(auto all, map->Slice(0, kPages * kPageBytes));
  EXPECT_EQ(CountX(*all), all->size());
  EXPECT_OK(map->CheckUnchanged());
  ASSERT_EQ(truncate(path_.c_str(), 3 * kPageBytes), 0);
  EXPECT_EQ(CountX(*all), 3 * kPageBytes);
  const arrow::Status status = map->CheckUnchanged();
  EXPECT_TRUE(status.IsIOError());
  EXPECT_THAT(status.message(), HasSubstr("'" + path_ + "' was cut"));
}

TEST_F(MappedFileTest, AMapThatWasCutForAWhileStaysBroken) {
  const auto map = Map();
  const auto time = std::filesystem::last_write_time(path_);
  ASSERT_OK_AND_ASSIGN(auto all, map->Slice(0, kPages * kPageBytes));
  ASSERT_EQ(truncate(path_.c_str(), 0), 0);
  EXPECT_EQ(CountX(*all), 0);
  ASSERT_EQ(truncate(path_.c_str(), kPages * kPageBytes), 0);
  std::filesystem::last_write_time(path_, time);
  // Size and time are what they were, but what was read was not there.
  EXPECT_OK(map->file().CheckUnchanged());
  EXPECT_TRUE(map->CheckUnchanged().IsIOError());
}

TEST_F(MappedFileTest, LoadingWhatWasCutIsAnError) {
  const auto map = Map();
  ASSERT_OK_AND_ASSIGN(auto all, map->Slice(0, kPages * kPageBytes));
  ASSERT_EQ(truncate(path_.c_str(), 3 * kPageBytes), 0);
  EXPECT_TRUE(map->Load(*all).IsIOError());
}

TEST_F(MappedFileTest, OverwritingIsNoticedEvenIfTheSizeStaysTheSame) {
  const auto map = Map();
  std::filesystem::last_write_time(path_, std::filesystem::file_time_type::min());
  const arrow::Status status = map->CheckUnchanged();
  EXPECT_TRUE(status.IsIOError());
  EXPECT_THAT(status.message(), HasSubstr("was changed"));
}

TEST_F(MappedFileTest, AFileReplacedByRenamingStaysAsItWas) {
  const auto map = Map();
  tests::WriteFile(folder_ / "new", "other");
  std::filesystem::rename(folder_ / "new", path_);
  EXPECT_OK(map->CheckUnchanged());
  ASSERT_OK_AND_ASSIGN(auto all, map->Slice(0, kPages * kPageBytes));
  EXPECT_EQ(CountX(*all), all->size());
}

TEST_F(MappedFileTest, ManyThreadsSurviveTheSameCut) {
  std::vector<std::shared_ptr<arrow::Buffer>> buffers;
  for (int i = 0; i < 20; ++i) {
    buffers.push_back(Map()->Slice(0, kPages * kPageBytes).ValueOrDie());
  }
  ASSERT_EQ(truncate(path_.c_str(), 0), 0);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&buffers] {
      for (const auto& buffer : buffers) EXPECT_EQ(CountX(*buffer), 0);
    });
  }
}

using BusErrorGuardDeathTest = MappedFileTest;

TEST_F(BusErrorGuardDeathTest, FaultsElsewhereStillEndTheProcess) {
  const auto guarded = Map();
  EXPECT_DEATH(
      {
        const auto file = SourceFile::Open(path_).ValueOrDie();
        const auto* bytes = static_cast<const volatile char*>(
            mmap(nullptr, static_cast<size_t>(kPageBytes), PROT_READ, MAP_SHARED,
                 file->descriptor(), 0));
        (void)truncate(path_.c_str(), 0);
        _exit(bytes[0]);
      },
      "");
}

}  // namespace
}  // namespace pinion::data
