#include "data/growing_dictionary.h"

#include <utility>

#include <arrow/array/array_dict.h>
#include <arrow/buffer.h>
#include <arrow/compare.h>

namespace pinion::data {

GrowingDictionaries::GrowingDictionaries(const arrow::Schema& schema) {
  for (int i = 0; i < schema.num_fields(); ++i) {
    if (schema.field(i)->type()->id() == arrow::Type::DICTIONARY) {
      columns_.push_back({i, nullptr, nullptr, nullptr});
    }
  }
}

arrow::Status GrowingDictionaries::Extend(const std::shared_ptr<arrow::Array>& dictionary,
                                          const arrow::DictionaryType& type,
                                          Column* column) {
  ARROW_ASSIGN_OR_RAISE(auto unifier, arrow::DictionaryUnifier::Make(type.value_type()));
  ARROW_RETURN_NOT_OK(unifier->Unify(*column->unified));
  ARROW_RETURN_NOT_OK(unifier->Unify(*dictionary, &column->transposition));
  return unifier->GetResultWithIndexType(type.index_type(), &column->unified);
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> GrowingDictionaries::Unify(
    const arrow::RecordBatch& batch) {
  arrow::ArrayVector arrays = batch.columns();
  for (Column& column : columns_) {
    const auto& array = arrow::internal::checked_cast<const arrow::DictionaryArray&>(
        *arrays[column.index]);
    const auto& type =
        arrow::internal::checked_cast<const arrow::DictionaryType&>(*array.type());
    const auto& dictionary = array.dictionary();
    if (column.unified == nullptr) {
      column.original = column.unified = dictionary;
    } else if (!dictionary->Equals(column.original,
                                   arrow::EqualOptions().nans_equal(true))) {
      ARROW_RETURN_NOT_OK(Extend(dictionary, type, &column));
      column.original = dictionary;
    }
    if (column.transposition == nullptr) continue;
    ARROW_ASSIGN_OR_RAISE(arrays[column.index],
                          array.Transpose(array.type(), column.unified,
                                          column.transposition->data_as<int32_t>()));
  }
  return arrow::RecordBatch::Make(batch.schema(), batch.num_rows(), std::move(arrays));
}

}  // namespace pinion::data
