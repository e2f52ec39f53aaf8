#include "base/recycling_pool.h"

#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::base {
namespace {

TEST(RecyclingPool, GivesABlockOfTheSameSizeAgain) {
  RecyclingPool pool(1 << 20);
  uint8_t* first = nullptr;
  ASSERT_OK(pool.Allocate(100'000, &first));
  pool.Free(first, 100'000);
  EXPECT_GE(pool.kept_bytes(), 100'000);
  uint8_t* second = nullptr;
  ASSERT_OK(pool.Allocate(99'000, &second));
  EXPECT_EQ(second, first);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Free(second, 99'000);
}

TEST(RecyclingPool, KeepsNoMoreThanItMay) {
  RecyclingPool pool(200'000);
  std::vector<uint8_t*> blocks(8);
  for (auto& block : blocks) ASSERT_OK(pool.Allocate(50'000, &block));
  for (auto* block : blocks) pool.Free(block, 50'000);
  EXPECT_GT(pool.kept_bytes(), 0);
  EXPECT_LE(pool.kept_bytes(), 200'000);
  pool.ReleaseUnused();
  EXPECT_EQ(pool.kept_bytes(), 0);
  EXPECT_EQ(pool.bytes_allocated(), arrow::system_memory_pool()->bytes_allocated());
}

TEST(RecyclingPool, EverySizeFitsIntoItsBlock) {
  RecyclingPool pool(1 << 24);
  for (int64_t size = 1; size < (int64_t{1} << 28); size = size * 9 / 8 + 1) {
    uint8_t* block = nullptr;
    ASSERT_OK(pool.Allocate(size, &block));
    std::memset(block, 1, static_cast<size_t>(size));  // which the sanitizer watches
    pool.Free(block, size);
  }
}

TEST(RecyclingPool, KeepsTheContentThatGrowsAndShrinks) {
  RecyclingPool pool(1 << 24);
  uint8_t* block = nullptr;
  ASSERT_OK(pool.Allocate(10, &block));
  std::memset(block, 7, 10);
  int64_t size = 10;
  for (const int64_t next : {20'000, 20'001, 30'000, 300'000, 100'000'000, 50'000, 10}) {
    ASSERT_OK(pool.Reallocate(size, next, &block));
    size = next;
    for (int i = 0; i < 10; ++i) ASSERT_EQ(block[i], 7);
  }
  pool.Free(block, size);
}

TEST(RecyclingPool, ServesManyThreads) {
  RecyclingPool pool(1 << 20);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&pool, thread] {
      for (int i = 0; i < 1000; ++i) {
        const int64_t size = 20'000 + i * 100;
        uint8_t* block = nullptr;
        ASSERT_OK(pool.Allocate(size, &block));
        block[0] = block[size - 1] = static_cast<uint8_t>(thread);
        std::this_thread::yield();
        ASSERT_EQ(block[0], thread);
        ASSERT_EQ(block[size - 1], thread);
        pool.Free(block, size);
      }
    });
  }
}

}  // namespace
}  // namespace pinion::base
