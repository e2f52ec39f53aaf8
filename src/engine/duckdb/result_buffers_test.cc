#include "engine/duckdb/result_buffers.h"

#include <vector>

#include <gtest/gtest.h>

namespace pinion::engine::duck {
namespace {

constexpr int64_t kWhole = 4 * ResultBuffers::kMost;

TEST(ResultBuffers, OneAloneGetsTheMost) {
  const auto buffers = std::make_shared<ResultBuffers>(kWhole);
  EXPECT_EQ(buffers->Take()->bytes(), ResultBuffers::kMost);
}

TEST(ResultBuffers, ManyStayNearTheLimitAndGetTheLeastAtLast) {
  const auto buffers = std::make_shared<ResultBuffers>(kWhole);
  std::vector<std::unique_ptr<ResultBuffers::Share>> shares;
  int64_t sum = 0;
  for (int i = 0; i < 100; ++i) {
    shares.push_back(buffers->Take());
    EXPECT_GE(shares.back()->bytes(), ResultBuffers::kLeast);
    sum += shares.back()->bytes();
  }
  EXPECT_EQ(shares.back()->bytes(), ResultBuffers::kLeast);
  EXPECT_LE(sum, kWhole + 100 * ResultBuffers::kLeast);
}

TEST(ResultBuffers, WhatIsGivenBackIsSharedOutAgain) {
  const auto buffers = std::make_shared<ResultBuffers>(kWhole);
  std::vector<std::unique_ptr<ResultBuffers::Share>> shares;
  for (int i = 0; i < 100; ++i) shares.push_back(buffers->Take());
  shares.clear();
  EXPECT_EQ(buffers->Take()->bytes(), ResultBuffers::kMost);
}

TEST(ResultBuffers, AShareMayOutliveTheWhole) {
  auto buffers = std::make_shared<ResultBuffers>(kWhole);
  const auto share = buffers->Take();
  buffers.reset();
  EXPECT_EQ(share->bytes(), ResultBuffers::kMost);
}

}  // namespace
}  // namespace pinion::engine::duck
