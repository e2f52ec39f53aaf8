#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/array/array_base.h>
#include <arrow/record_batch.h>
#include <arrow/status.h>

#include "data/value_check.h"

namespace pinion::data {

// Remembers which columns of which batches of a file have been looked at value by value.
// Offsets, indices and texts of a file are not to be trusted: with those of a corrupt one
// a reader would leave its memory. To look once is enough as the file does not change.
//
// Thread-safe.
class ValidatedColumns {
 public:
  ValidatedColumns(int64_t num_batches, int num_columns)
      : num_columns_(num_columns),
        num_words_((num_batches * num_columns + kBitsPerWord - 1) / kBitsPerWord),
        words_(
            std::make_unique<std::atomic<uint64_t>[]>(static_cast<size_t>(num_words_))) {}

  // Validates what has not been yet. `columns` are the places of the batch's columns in
  // the file's schema.
  arrow::Status Validate(int64_t batch_index, const std::vector<int>& columns,
                         const arrow::RecordBatch& batch) {
    int place = 0;
    for (const int column : columns) {
      const int64_t bit = batch_index * num_columns_ + column;
      auto& word = words_[static_cast<size_t>(bit / kBitsPerWord)];
      const uint64_t mask = uint64_t{1} << (bit % kBitsPerWord);
      const auto& array = batch.column(place++);
      if ((word.load(std::memory_order_relaxed) & mask) != 0) continue;
      ARROW_RETURN_NOT_OK(CheckValues(*array));
      word.fetch_or(mask, std::memory_order_relaxed);
    }
    return arrow::Status::OK();
  }

 private:
  static constexpr int64_t kBitsPerWord = 64;

  const int num_columns_;
  const int64_t num_words_;
  const std::unique_ptr<std::atomic<uint64_t>[]> words_;
};

}  // namespace pinion::data
