#include "data/sample_table.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/util.h>
#include <arrow/result.h>
#include <arrow/util/bitmap_builders.h>

namespace pinion::data {
namespace {

constexpr std::array<std::string_view, 10> kCities = {
    "New York",     "Los Angeles", "Chicago",   "Houston", "Phoenix",
    "Philadelphia", "San Antonio", "San Diego", "Dallas",  "San Jose"};
constexpr std::array<std::string_view, 8> kDepartments = {
    "IT", "HR", "Sales", "Marketing", "Finance", "Legal", "Operations", "Engineering"};
constexpr uint64_t kYoungest = 18;
constexpr uint64_t kOldest = 65;
constexpr uint64_t kShortestName = 4;
constexpr uint64_t kLongestName = 10;

// The finaliser of SplitMix64: spreads every bit of the input over the whole output.
uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// A source of numbers that depends on the seed, the row and the place of the number in
// the row, and on nothing that came before. Not the distributions of <random>: their
// results differ between standard libraries.
class RowNumbers {
 public:
  RowNumbers(uint64_t seed, int64_t row)
      : state_(Mixed(seed) + Mixed(static_cast<uint64_t>(row) + kStep)) {}

  uint64_t Next() { return Mixed(state_ += kStep); }

  // Evenly from 0…bound-1, as far as 32 bits divide evenly.
  uint64_t Below(uint64_t bound) { return (Next() >> 32) * bound >> 32; }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  uint64_t state_;
};

// Letters of one name; a number of 64 bits holds ten of them.
std::string_view MakeName(RowNumbers& numbers, std::array<char, kLongestName>& letters) {
  const uint64_t length = kShortestName + numbers.Below(kLongestName - kShortestName + 1);
  uint64_t number = numbers.Next();
  for (uint64_t i = 0; i < length; ++i) {
    letters[i] = static_cast<char>((i == 0 ? 'A' : 'a') + number % 26);
    number /= 26;
  }
  return {letters.data(), length};
}

class BatchBuilder {
 public:
  arrow::Status Reserve(int64_t rows) {
    ARROW_RETURN_NOT_OK(ids_.Reserve(rows));
    ARROW_RETURN_NOT_OK(ages_.Reserve(rows));
    ARROW_RETURN_NOT_OK(cities_.Reserve(rows));
    ARROW_RETURN_NOT_OK(active_.Reserve(rows));
    ARROW_RETURN_NOT_OK(names_.Reserve(rows));
    ARROW_RETURN_NOT_OK(names_.ReserveData(rows * kLongestName));
    return departments_.Reserve(rows);
  }

  arrow::Status AppendRow(uint64_t seed, int64_t row) {
    RowNumbers numbers(seed, row);
    std::array<char, kLongestName> letters;
    ids_.UnsafeAppend(row + 1);
    ages_.UnsafeAppend(
        static_cast<int64_t>(kYoungest + numbers.Below(kOldest - kYoungest + 1)));
    ARROW_RETURN_NOT_OK(cities_.Append(kCities[numbers.Below(kCities.size())]));
    const uint64_t active = numbers.Below(3);
    if (active == 2) {
      active_.UnsafeAppendNull();
    } else {
      active_.UnsafeAppend(active == 1);
    }
    names_.UnsafeAppend(MakeName(numbers, letters));
    const uint64_t department = numbers.Below(kDepartments.size() + 1);
    if (department == kDepartments.size()) return departments_.AppendNull();
    return departments_.Append(kDepartments[department]);
  }

  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Finish() {
    ARROW_ASSIGN_OR_RAISE(auto ids, ids_.Finish());
    ARROW_ASSIGN_OR_RAISE(auto ages, ages_.Finish());
    ARROW_ASSIGN_OR_RAISE(auto cities, cities_.Finish());
    ARROW_ASSIGN_OR_RAISE(auto active, active_.Finish());
    ARROW_ASSIGN_OR_RAISE(auto names, names_.Finish());
    ARROW_ASSIGN_OR_RAISE(auto departments, departments_.Finish());
    // A row has metadata exactly when it has a department: the two share their nulls.
    const auto schema = SampleSchema();
    auto metadata = std::make_shared<arrow::StructArray>(
        schema->field(5)->type(), departments->length(), arrow::ArrayVector{departments},
        departments->null_bitmap(), departments->null_count());
    return arrow::RecordBatch::Make(schema, ids->length(),
                                    {ids, ages, cities, active, names, metadata});
  }

 private:
  arrow::Int64Builder ids_;
  arrow::Int64Builder ages_;
  arrow::StringBuilder cities_;
  arrow::BooleanBuilder active_;
  arrow::StringBuilder names_;
  arrow::StringBuilder departments_;
};

class SampleReader : public arrow::RecordBatchReader {
 public:
  explicit SampleReader(const SampleOptions& options)
      : options_(options), schema_(SampleSchema()) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (next_row_ >= options_.rows) return arrow::Status::OK();
    const int64_t rows = std::min(options_.batch_rows, options_.rows - next_row_);
    BatchBuilder builder;
    ARROW_RETURN_NOT_OK(builder.Reserve(rows));
    const int64_t end = next_row_ + rows;
    for (; next_row_ < end; ++next_row_) {
      ARROW_RETURN_NOT_OK(builder.AppendRow(options_.seed, next_row_));
    }
    return builder.Finish().Value(batch);
  }

 private:
  const SampleOptions options_;
  const std::shared_ptr<arrow::Schema> schema_;
  int64_t next_row_ = 0;
};

}  // namespace

std::shared_ptr<arrow::Schema> SampleSchema() {
  return arrow::schema({
      arrow::field("id", arrow::int64()),
      arrow::field("age", arrow::int64()),
      arrow::field("city", arrow::utf8()),
      arrow::field("is_active", arrow::boolean()),
      arrow::field("name", arrow::utf8()),
      arrow::field("metadata", arrow::struct_({arrow::field("dept", arrow::utf8())})),
  });
}

std::shared_ptr<arrow::RecordBatchReader> SampleTable(const SampleOptions& options) {
  return std::make_shared<SampleReader>(options);
}

}  // namespace pinion::data
