#pragma once

#include <memory>
#include <unordered_map>

#include <arrow/array/data.h>
#include <arrow/result.h>

namespace pinion::data {

// Columns that stay sound whatever becomes of the file that they are mapped from: what
// says where their values lie (validity, offsets, views, indices, union types, run ends)
// is copied, and the copy is checked. The values stay where they are: they may change,
// but nothing is read outside of them.
//
// Not thread-safe. Dictionaries that stay the same from batch to batch are copied once.
class LayoutCopier {
 public:
  // Invalid for a column that reaches outside of itself.
  arrow::Result<std::shared_ptr<arrow::ArrayData>> Copy(const arrow::ArrayData& column);

 private:
  struct Dictionary {
    std::shared_ptr<arrow::ArrayData> source;  // kept, so that its address stays its own
    std::shared_ptr<arrow::ArrayData> copy;
  };

  arrow::Result<std::shared_ptr<arrow::ArrayData>> CopyDictionary(
      const std::shared_ptr<arrow::ArrayData>& dictionary);

  std::unordered_map<const arrow::ArrayData*, Dictionary> dictionaries_;
};

}  // namespace pinion::data
