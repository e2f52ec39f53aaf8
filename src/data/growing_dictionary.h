#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>

namespace pinion::data {

// Rewrites the dictionary-encoded columns of a stream of batches such that each batch's
// dictionary begins with that of the batch before it: the file format can extend a
// dictionary, but not replace it. Only top-level columns; nested ones pass as they are.
//
// Not thread-safe.
class GrowingDictionaries {
 public:
  GrowingDictionaries() = default;
  explicit GrowingDictionaries(const arrow::Schema& schema);

  // Invalid when a dictionary outgrows its index type.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Unify(
      const arrow::RecordBatch& batch);

 private:
  struct Column {
    int index;
    std::shared_ptr<arrow::Array> original;  // of the last batch, before unification
    std::shared_ptr<arrow::Array> unified;
    std::shared_ptr<arrow::Buffer> transposition;  // from original; null if unchanged
  };

  static arrow::Status Extend(const std::shared_ptr<arrow::Array>& dictionary,
                              const arrow::DictionaryType& type, Column* column);

  std::vector<Column> columns_;
};

}  // namespace pinion::data
