#include "data/value_check.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace pinion::data {
namespace {

// Texts of all lengths around those that a view holds itself, and of all sorts.
std::string SomeText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"a", "xyz", "é",
                                                   "€", "😀",  "0123456789"};
  std::string text;
  const auto ascii = random() % 2 == 0;
  for (auto pieces = random() % 6; pieces > 0; --pieces) {
    text += kPieces[ascii ? random() % 2 : random() % kPieces.size()];
  }
  return text;
}

template <typename Builder>
std::shared_ptr<arrow::Array> Texts(std::mt19937& random, bool nulls) {
  Builder builder;
  for (int i = 0; i < 200; ++i) {
    const bool null = nulls && random() % 5 == 0;
    EXPECT_TRUE((null ? builder.AppendNull() : builder.Append(SomeText(random))).ok());
  }
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> Decimals(std::mt19937& random, int precision, bool nulls) {
  arrow::Decimal128Builder builder(arrow::decimal128(precision, 2));
  for (int i = 0; i < 200; ++i) {
    if (nulls && random() % 5 == 0) {
      EXPECT_TRUE(builder.AppendNull().ok());
      continue;
    }
    std::string digits = random() % 2 == 0 ? "-" : "";
    for (auto left = 1 + random() % static_cast<unsigned>(precision); left > 0; --left) {
      digits += static_cast<char>('0' + random() % 10);
    }
    EXPECT_TRUE(builder.Append(*arrow::Decimal128::FromString(digits)).ok());
  }
  return builder.Finish().ValueOrDie();
}

std::vector<std::shared_ptr<arrow::Array>> SomeArrays(std::mt19937& random) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const bool nulls : {false, true}) {
    arrays.push_back(Texts<arrow::StringBuilder>(random, nulls));
    arrays.push_back(Texts<arrow::LargeStringBuilder>(random, nulls));
    arrays.push_back(Texts<arrow::StringViewBuilder>(random, nulls));
    arrays.push_back(Texts<arrow::BinaryViewBuilder>(random, nulls));
    arrays.push_back(Texts<arrow::BinaryBuilder>(random, nulls));
    for (const int precision : {4, 15, 18, 19, 38}) {
      arrays.push_back(Decimals(random, precision, nulls));
    }
  }
  return arrays;
}

// A copy with other bytes in one place, its buffers `shift` bytes off a multiple of 8.
std::shared_ptr<arrow::Array> Damaged(const arrow::Array& array, std::mt19937& random,
                                      int64_t shift, bool damage) {
  auto data = array.data()->Copy();
  for (auto& buffer : data->buffers) {
    if (buffer == nullptr) continue;
    std::shared_ptr<arrow::Buffer> copy =
        arrow::AllocateBuffer(buffer->size() + shift).ValueOrDie();
    if (buffer->size() > 0) {
      std::memcpy(copy->mutable_data() + shift, buffer->data(),
                  static_cast<size_t>(buffer->size()));
    }
    buffer = arrow::SliceMutableBuffer(copy, shift);
  }
  auto& buffer = data->buffers[random() % data->buffers.size()];
  if (damage && buffer != nullptr && buffer->size() > 0) {
    const auto place = random() % static_cast<uint64_t>(buffer->size());
    buffer->mutable_data()[place] ^= static_cast<uint8_t>(1 << random() % 8);
  }
  return arrow::MakeArray(data);
}

TEST(ValueCheckTest, FindsInDamagedArraysWhatArrowFinds) {
  std::mt19937 random(7);
  int bad = 0;
  for (int round = 0; round < 40; ++round) {
    for (const auto& array : SomeArrays(random)) {
      auto damaged = Damaged(*array, random, /*shift=*/0, round > 0);
      const auto offset = static_cast<int64_t>(random() % 3 == 0 ? random() % 200 : 0);
      damaged = damaged->Slice(offset, static_cast<int64_t>(random() % 200));
      const auto expected = damaged->ValidateFull();
      bad += expected.ok() ? 0 : 1;
      EXPECT_EQ(CheckValues(*damaged), expected) << array->type()->ToString();
      const auto batch =
          arrow::RecordBatch::Make(arrow::schema({arrow::field("v", damaged->type())}),
                                   damaged->length(), arrow::ArrayVector{damaged});
      EXPECT_EQ(CheckValues(*batch), batch->ValidateFull());
    }
  }
  EXPECT_GT(bad, 50);
}

TEST(ValueCheckTest, BuffersNeedNotBeAligned) {
  std::mt19937 random(8);
  for (const int64_t shift : {1, 3, 6}) {
    for (const auto& array : SomeArrays(random)) {
      EXPECT_TRUE(CheckValues(*Damaged(*array, random, shift, false)).ok());
    }
  }
}

TEST(ValueCheckTest, ACharacterMayNotBeCutBetweenTwoTexts) {
  // Each half of "é" is no text, though both are when they come one after the other.
  for (const int32_t cut : {1, 2, 3}) {
    const std::vector<int32_t> offsets = {0, cut, 4};
    const arrow::StringArray texts(2, arrow::Buffer::FromVector(offsets),
                                   arrow::Buffer::FromString("aéb"));
    EXPECT_EQ(CheckValues(texts).ok(), cut != 2) << cut;
  }
}

TEST(ValueCheckTest, WhatLiesUnderANullIsNobodysConcern) {
  const std::vector<int32_t> offsets = {0, 1, 2};
  const arrow::StringArray texts(2, arrow::Buffer::FromVector(offsets),
                                 arrow::Buffer::FromString("a\xff"),
                                 arrow::Buffer::FromVector<uint8_t>({1}), 1);
  EXPECT_TRUE(CheckValues(texts).ok());
}

}  // namespace
}  // namespace pinion::data
