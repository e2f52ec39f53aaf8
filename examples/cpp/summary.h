// What the examples of all languages print at their end: one JSON object on one line.
#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>

struct NullCounts {
  std::vector<std::pair<std::string, int64_t>> columns;
  int64_t rows = 0;
};

inline NullCounts CountNulls(const arrow::RecordBatch& batch) {
  NullCounts counts{.columns = {}, .rows = batch.num_rows()};
  for (int i = 0; i < batch.num_columns(); ++i) {
    counts.columns.emplace_back(batch.column_name(i), batch.column(i)->null_count());
  }
  return counts;
}

struct Stage {
  std::string name;
  std::chrono::nanoseconds busy{0};
};

// Counts batches as they come. One thread.
class Summary {
 public:
  void Add(const NullCounts& batch) {
    rows_ += batch.rows;
    if (batches_++ == 0) {
      nulls_ = batch.columns;
      return;
    }
    for (size_t i = 0; i < nulls_.size(); ++i) {
      nulls_[i].second += batch.columns[i].second;
    }
  }

  int64_t batches() const { return batches_; }

  void Print(std::chrono::nanoseconds wall, const std::vector<Stage>& stages) const {
    const auto seconds = [](std::chrono::nanoseconds time) {
      return std::chrono::duration<double>(time).count();
    };
    std::cout << R"({"language":"cpp","rows":)" << rows_ << R"(,"batches":)" << batches_
              << R"(,"null_counts":{)";
    for (size_t i = 0; i < nulls_.size(); ++i) {
      std::cout << (i > 0 ? "," : "") << '"' << nulls_[i].first
                << "\":" << nulls_[i].second;
    }
    std::cout << R"(},"wall_s":)" << seconds(wall) << R"(,"stages":[)";
    for (size_t i = 0; i < stages.size(); ++i) {
      std::cout << (i > 0 ? "," : "") << R"({"name":")" << stages[i].name
                << R"(","busy_s":)" << seconds(stages[i].busy) << "}";
    }
    std::cout << "]}\n";
  }

 private:
  int64_t rows_ = 0;
  int64_t batches_ = 0;
  std::vector<std::pair<std::string, int64_t>> nulls_;
};
