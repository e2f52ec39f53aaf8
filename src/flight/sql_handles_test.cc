#include "flight/sql_handles.h"

#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;

class SqlHandles : public ::testing::Test {
 protected:
  HandleStore<int> Store(HandleScope scope, size_t most = 10) {
    return HandleStore<int>(scope, {.most = most, .idle = minutes(5)}, "thing",
                            "make it again", [this] { return now_; });
  }

  Clock::time_point now_{};
  const Caller ann_{.identity = "", .peer = "ipv4:127.0.0.1:1", .session = ""};
  const Caller bob_{.identity = "", .peer = "ipv4:127.0.0.1:2", .session = ""};
};

TEST_F(SqlHandles, TheOwnerFindsWhatItAdded) {
  auto store = Store(HandleScope::kConnection);
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(ann_, std::make_shared<int>(7)));
  ASSERT_OK_AND_ASSIGN(const auto found, store.Find(handle, ann_));
  EXPECT_EQ(*found, 7);
}

TEST_F(SqlHandles, HandlesDoNotRepeat) {
  auto store = Store(HandleScope::kConnection);
  ASSERT_OK_AND_ASSIGN(const std::string one, store.Add(ann_, std::make_shared<int>(1)));
  ASSERT_OK_AND_ASSIGN(const std::string two, store.Add(ann_, std::make_shared<int>(1)));
  EXPECT_NE(one, two);
  EXPECT_GE(one.size(), 32);
}

TEST_F(SqlHandles, AnotherConnectionSeesNoDifferenceFromAnUnknownHandle) {
  auto store = Store(HandleScope::kConnection);
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(ann_, std::make_shared<int>(7)));
  const auto foreign = store.Find(handle, bob_);
  const auto unknown = store.Find("no such handle", bob_);
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("make it again"), foreign);
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("unknown thing"),
                                  store.Take(handle, bob_));
  EXPECT_OK(store.Find(handle, ann_));
}

TEST_F(SqlHandles, ASessionIsTheSameOwnerOnAnotherConnection) {
  auto store = Store(HandleScope::kConnection);
  const Caller before{.identity = "", .peer = "ipv4:127.0.0.1:1", .session = "s"};
  const Caller after{.identity = "", .peer = "ipv4:127.0.0.1:3", .session = "s"};
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(before, std::make_shared<int>(7)));
  EXPECT_OK(store.Find(handle, after));
}

TEST_F(SqlHandles, AnotherIdentityOnTheSameConnectionIsAnotherOwner) {
  for (const auto scope : {HandleScope::kConnection, HandleScope::kIdentity}) {
    auto store = Store(scope);
    const Caller other{.identity = "bob", .peer = ann_.peer, .session = ""};
    ASSERT_OK_AND_ASSIGN(const std::string handle,
                         store.Add(ann_, std::make_shared<int>(7)));
    ASSERT_RAISES(KeyError, store.Find(handle, other));
  }
}

TEST_F(SqlHandles, AResultIsOpenToAllOfAnIdentity) {
  auto store = Store(HandleScope::kIdentity);
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(ann_, std::make_shared<int>(7)));
  EXPECT_OK(store.Find(handle, bob_));
}

TEST_F(SqlHandles, OneMoreThanAllowedIsRefused) {
  auto store = Store(HandleScope::kConnection, 2);
  ASSERT_OK_AND_ASSIGN(const std::string first,
                       store.Add(ann_, std::make_shared<int>(1)));
  ASSERT_OK(store.Add(ann_, std::make_shared<int>(2)));
  EXPECT_RAISES_WITH_MESSAGE_THAT(CapacityError, HasSubstr("2 open things"),
                                  store.Add(ann_, std::make_shared<int>(3)));
  ASSERT_OK(store.Take(first, ann_));
  EXPECT_OK(store.Add(ann_, std::make_shared<int>(3)));
}

TEST_F(SqlHandles, WhatNobodyUsesExpires) {
  auto store = Store(HandleScope::kConnection);
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(ann_, std::make_shared<int>(7)));
  now_ += minutes(4);
  ASSERT_OK(store.Find(handle, ann_));  // starts the time anew
  now_ += minutes(4);
  store.Expire();
  ASSERT_OK(store.Find(handle, ann_));
  now_ += minutes(5);
  store.Expire();
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("unknown thing"),
                                  store.Find(handle, ann_));
}

TEST_F(SqlHandles, WhatIsInUseDoesNotExpire) {
  auto store = Store(HandleScope::kConnection);
  ASSERT_OK_AND_ASSIGN(const std::string handle,
                       store.Add(ann_, std::make_shared<int>(7)));
  ASSERT_OK_AND_ASSIGN(auto user, store.Find(handle, ann_));
  now_ += minutes(60);
  store.Expire();
  EXPECT_EQ(store.size(), 1);
  user.reset();
  now_ += minutes(5);
  store.Expire();
  EXPECT_EQ(store.size(), 0);
}

}  // namespace
}  // namespace pinion::flight
