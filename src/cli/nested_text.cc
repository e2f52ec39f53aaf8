#include "cli/nested_text.h"

#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/util/ree_util.h>

#include "cli/json_text.h"

namespace pinion::cli {

namespace {

using arrow::Array;
using arrow::DataType;
using arrow::Type;
using Text = std::unique_ptr<ValueText>;

Text Json(const DataType& type) { return ValueText::Create(type, TextStyle::kJson); }

void AppendOrNull(const ValueText& text, const Array& array, int64_t row,
                  std::string* out) {
  if (!text.Append(array, row, out)) *out += "null";
}

// [1,2,null], of every list layout.
template <typename ArrayType>
class ListText : public ValueText {
 public:
  explicit ListText(const DataType& type) : item_(Json(*type.field(0)->type())) {}

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    if (array.IsNull(row)) return false;
    const auto& list = static_cast<const ArrayType&>(array);
    const int64_t start = list.value_offset(row);
    const int64_t end = start + list.value_length(row);
    *out += '[';
    for (int64_t i = start; i < end; ++i) {
      if (i != start) *out += ',';
      AppendOrNull(*item_, *list.values(), i, out);
    }
    *out += ']';
    return true;
  }

 private:
  Text item_;
};

// {"a":1,"b":null}
class StructText : public ValueText {
 public:
  explicit StructText(const DataType& type) {
    for (const auto& field : type.fields()) {
      std::string key;
      AppendJsonString(field->name(), &key);
      fields_.emplace_back(key + ":", Json(*field->type()));
    }
  }

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    if (array.IsNull(row)) return false;
    const auto& values = static_cast<const arrow::StructArray&>(array);
    *out += '{';
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (i != 0) *out += ',';
      *out += fields_[i].first;
      AppendOrNull(*fields_[i].second, *values.field(static_cast<int>(i)), row, out);
    }
    *out += '}';
    return true;
  }

 private:
  std::vector<std::pair<std::string, Text>> fields_;
};

// {"k":1} if the keys are text, else [[1,"v"]]: a key of JSON is always text.
class MapText : public ValueText {
 public:
  explicit MapText(const arrow::MapType& type)
      : text_keys_(arrow::is_string(type.key_type()->id()) ||
                   type.key_type()->id() == Type::STRING_VIEW),
        key_(Json(*type.key_type())),
        item_(Json(*type.item_type())) {}

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    if (array.IsNull(row)) return false;
    const auto& map = static_cast<const arrow::MapArray&>(array);
    const int64_t start = map.value_offset(row);
    const int64_t end = start + map.value_length(row);
    *out += text_keys_ ? '{' : '[';
    for (int64_t i = start; i < end; ++i) {
      if (i != start) *out += ',';
      if (!text_keys_) *out += '[';
      AppendOrNull(*key_, *map.keys(), i, out);
      *out += text_keys_ ? ':' : ',';
      AppendOrNull(*item_, *map.items(), i, out);
      if (!text_keys_) *out += ']';
    }
    *out += text_keys_ ? '}' : ']';
    return true;
  }

 private:
  bool text_keys_;
  Text key_;
  Text item_;
};

// The value of the member that is set.
class UnionText : public ValueText {
 public:
  UnionText(const DataType& type, TextStyle style) {
    for (const auto& field : type.fields()) {
      members_.push_back(ValueText::Create(*field->type(), style));
    }
  }

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    const auto& values = static_cast<const arrow::UnionArray&>(array);
    const int member = values.child_id(row);
    // The members of a sparse union have as many rows as it has.
    const int64_t member_row =
        values.mode() == arrow::UnionMode::DENSE
            ? static_cast<const arrow::DenseUnionArray&>(values).value_offset(row)
            : row;
    return members_[static_cast<size_t>(member)]->Append(*values.field(member),
                                                         member_row, out);
  }

 private:
  std::vector<Text> members_;
};

class DictionaryText : public ValueText {
 public:
  DictionaryText(const arrow::DictionaryType& type, TextStyle style)
      : value_(ValueText::Create(*type.value_type(), style)) {}

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    if (array.IsNull(row)) return false;
    const auto& values = static_cast<const arrow::DictionaryArray&>(array);
    return value_->Append(*values.dictionary(), values.GetValueIndex(row), out);
  }

 private:
  Text value_;
};

class RunEndEncodedText : public ValueText {
 public:
  RunEndEncodedText(const arrow::RunEndEncodedType& type, TextStyle style)
      : value_(ValueText::Create(*type.value_type(), style)) {}

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    const auto& runs = static_cast<const arrow::RunEndEncodedArray&>(array);
    const arrow::ArraySpan span(*runs.data());
    const int64_t run = arrow::ree_util::FindPhysicalIndex(span, row, span.offset);
    return value_->Append(*runs.values(), run, out);
  }

 private:
  Text value_;
};

class ExtensionText : public ValueText {
 public:
  ExtensionText(const arrow::ExtensionType& type, TextStyle style)
      : storage_(ValueText::Create(*type.storage_type(), style)) {}

  bool Append(const Array& array, int64_t row, std::string* out) const override {
    const auto& extension = static_cast<const arrow::ExtensionArray&>(array);
    return storage_->Append(*extension.storage(), row, out);
  }

 private:
  Text storage_;
};

}  // namespace

Text NestedText(const DataType& type, TextStyle style) {
  switch (type.id()) {
    case Type::LIST:
      return std::make_unique<ListText<arrow::ListArray>>(type);
    case Type::LARGE_LIST:
      return std::make_unique<ListText<arrow::LargeListArray>>(type);
    case Type::FIXED_SIZE_LIST:
      return std::make_unique<ListText<arrow::FixedSizeListArray>>(type);
    case Type::LIST_VIEW:
      return std::make_unique<ListText<arrow::ListViewArray>>(type);
    case Type::LARGE_LIST_VIEW:
      return std::make_unique<ListText<arrow::LargeListViewArray>>(type);
    case Type::STRUCT:
      return std::make_unique<StructText>(type);
    case Type::MAP:
      return std::make_unique<MapText>(static_cast<const arrow::MapType&>(type));
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION:
      return std::make_unique<UnionText>(type, style);
    case Type::DICTIONARY:
      return std::make_unique<DictionaryText>(
          static_cast<const arrow::DictionaryType&>(type), style);
    case Type::RUN_END_ENCODED:
      return std::make_unique<RunEndEncodedText>(
          static_cast<const arrow::RunEndEncodedType&>(type), style);
    default:
      return nullptr;
  }
}

Text StorageText(const arrow::ExtensionType& type, TextStyle style) {
  return std::make_unique<ExtensionText>(type, style);
}

}  // namespace pinion::cli
