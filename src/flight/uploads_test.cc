#include "flight/uploads.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

TEST(FileNameOf, IsTheNameWhereItCanBe) {
  EXPECT_EQ(FileNameOf("trips"), "trips.feather");
  EXPECT_EQ(FileNameOf("Zürich 2.1"), "Zürich 2.1.feather");
}

TEST(FileNameOf, StaysInItsFolderAndVisible) {
  EXPECT_EQ(FileNameOf("../a/b"), "%2E.%2Fa%2Fb.feather");
  EXPECT_EQ(FileNameOf(".."), "%2E..feather");
  EXPECT_EQ(FileNameOf(".hidden"), "%2Ehidden.feather");
  EXPECT_EQ(FileNameOf("100%"), "100%25.feather");
}

TEST(DatasetNameOfFile, IsTheReverse) {
  for (const std::string name :
       {"trips", "../a/b", "..", "100%", "%2F", "Zürich", "a.b"}) {
    EXPECT_EQ(DatasetNameOfFile(FileNameOf(name)), name);
  }
}

TEST(DatasetNameOfFile, KnowsNoNameForOtherFiles) {
  for (const char* file : {"a.parquet", ".pinion-1.tmp", ".a.feather", "a%2.feather",
                           "a%zz.feather", "a%41.feather", "a%2f.feather", "feather"}) {
    EXPECT_EQ(DatasetNameOfFile(file), std::nullopt) << file;
  }
}

}  // namespace
}  // namespace pinion::flight
