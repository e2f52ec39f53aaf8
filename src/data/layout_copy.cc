#include "data/layout_copy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <arrow/array/array_base.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/extension_type.h>
#include <arrow/status.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/binary_view_util.h>
#include <arrow/util/bit_util.h>

namespace pinion::data {
namespace {

using arrow::ArrayData;
using arrow::Status;
using arrow::Type;

// Of one column at a time; with deltas each batch may bring another.
constexpr size_t kMaxDictionaries = 64;

Status Outside(const ArrayData& data) {
  return Status::Invalid("a column of type ", data.type->ToString(),
                         " reaches outside of its data");
}

Status CopyBuffer(ArrayData* data, size_t index) {
  auto& buffer = data->buffers[index];
  if (buffer == nullptr || buffer->size() == 0) return Status::OK();
  return buffer->CopySlice(0, buffer->size()).Value(&buffer);
}

int64_t SizeOf(const ArrayData& data, size_t index) {
  return data.buffers[index] == nullptr ? 0 : data.buffers[index]->size();
}

bool IsValid(const ArrayData& data, int64_t row) {
  const auto& validity = data.buffers[0];
  return validity == nullptr ||
         arrow::bit_util::GetBit(validity->data(), data.offset + row);
}

// Offsets that grow, up to the end of what they point into.
template <typename Offset>
Status CheckOffsets(const ArrayData& data, int64_t end) {
  if (data.length == 0) return Status::OK();
  if (SizeOf(data, 1) < (data.offset + data.length + 1) * int64_t{sizeof(Offset)}) {
    return Outside(data);
  }
  const auto* offsets = data.GetValues<Offset>(1);
  // All are looked at before anything is decided, which the compiler makes fast.
  bool grow = offsets[0] >= 0;
  for (int64_t i = 0; i < data.length; ++i) grow &= offsets[i] <= offsets[i + 1];
  return grow && offsets[data.length] <= end ? Status::OK() : Outside(data);
}

template <typename Offset>
Status CheckListViews(const ArrayData& data, int64_t end) {
  const auto* offsets = data.GetValues<Offset>(1);
  const auto* sizes = data.GetValues<Offset>(2);
  bool inside = true;
  for (int64_t i = 0; i < data.length; ++i) {
    inside &= offsets[i] >= 0 && sizes[i] >= 0 && sizes[i] <= end - offsets[i];
  }
  return inside ? Status::OK() : Outside(data);
}

Status CheckViews(const ArrayData& data) {
  const auto* views = data.GetValues<arrow::BinaryViewType::c_type>(1);
  for (int64_t i = 0; i < data.length; ++i) {
    const auto& view = views[i];
    if (!IsValid(data, i) || (view.size() >= 0 && view.is_inline())) continue;
    const auto place = static_cast<size_t>(view.ref.buffer_index) + 2;
    if (view.size() < 0 || view.ref.buffer_index < 0 || view.ref.offset < 0 ||
        place >= data.buffers.size() ||
        int64_t{view.ref.offset} + view.size() > SizeOf(data, place)) {
      return Outside(data);
    }
  }
  return Status::OK();
}

template <typename Index>
Status CheckIndices(const ArrayData& data) {
  const auto* indices = data.GetValues<Index>(1);
  const auto end = static_cast<uint64_t>(data.dictionary->length);
  for (int64_t i = 0; i < data.length; ++i) {
    // A negative one becomes greater than any length.
    const auto index = static_cast<uint64_t>(static_cast<int64_t>(indices[i]));
    if (index >= end && IsValid(data, i)) return Outside(data);
  }
  return Status::OK();
}

Status CheckIndicesOfType(const ArrayData& data, Type::type index_type) {
  switch (index_type) {
    case Type::INT8:
      return CheckIndices<int8_t>(data);
    case Type::UINT8:
      return CheckIndices<uint8_t>(data);
    case Type::INT16:
      return CheckIndices<int16_t>(data);
    case Type::UINT16:
      return CheckIndices<uint16_t>(data);
    case Type::INT32:
      return CheckIndices<int32_t>(data);
    case Type::UINT32:
      return CheckIndices<uint32_t>(data);
    case Type::INT64:
      return CheckIndices<int64_t>(data);
    default:
      return CheckIndices<uint64_t>(data);
  }
}

Status CheckUnion(const ArrayData& data, const arrow::UnionType& type, bool dense) {
  const auto* codes = data.GetValues<int8_t>(1);
  const auto* offsets = dense ? data.GetValues<int32_t>(2) : nullptr;
  for (int64_t i = 0; i < data.length; ++i) {
    const int child = codes[i] < 0 ? -1 : type.child_ids()[static_cast<size_t>(codes[i])];
    if (child < 0) return Outside(data);
    const int64_t end = data.child_data[static_cast<size_t>(child)]->length;
    if (dense ? offsets[i] < 0 || offsets[i] >= end : data.offset + i >= end) {
      return Outside(data);
    }
  }
  return Status::OK();
}

template <typename RunEnd>
Status CheckRunEnds(const ArrayData& data) {
  const ArrayData& ends = *data.child_data[0];
  const auto* values = ends.GetValues<RunEnd>(1);
  int64_t last = 0;
  for (int64_t i = 0; i < ends.length; ++i) {
    if (values[i] <= last) return Outside(data);
    last = values[i];
  }
  return last >= data.offset + data.length ? Status::OK() : Outside(data);
}

Status CheckRunEndsOfType(const ArrayData& data) {
  switch (data.child_data[0]->type->id()) {
    case Type::INT16:
      return CheckRunEnds<int16_t>(data);
    case Type::INT32:
      return CheckRunEnds<int32_t>(data);
    default:
      return CheckRunEnds<int64_t>(data);
  }
}

// The buffers that say where values lie, besides those of children and which are null.
std::vector<size_t> LayoutBuffers(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::STRING:
    case Type::BINARY:
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::MAP:
    case Type::SPARSE_UNION:
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
    case Type::DICTIONARY:
      return {1};
    case Type::LIST_VIEW:
    case Type::LARGE_LIST_VIEW:
    case Type::DENSE_UNION:
      return {1, 2};
    default:
      return {};
  }
}

Status Check(const ArrayData& data, const arrow::DataType& type) {
  switch (type.id()) {
    case Type::STRING:
    case Type::BINARY:
      return CheckOffsets<int32_t>(data, SizeOf(data, 2));
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      return CheckOffsets<int64_t>(data, SizeOf(data, 2));
    case Type::LIST:
    case Type::MAP:
      return CheckOffsets<int32_t>(data, data.child_data[0]->length);
    case Type::LARGE_LIST:
      return CheckOffsets<int64_t>(data, data.child_data[0]->length);
    case Type::LIST_VIEW:
      return CheckListViews<int32_t>(data, data.child_data[0]->length);
    case Type::LARGE_LIST_VIEW:
      return CheckListViews<int64_t>(data, data.child_data[0]->length);
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      return CheckViews(data);
    case Type::DICTIONARY:
      return CheckIndicesOfType(
          data, static_cast<const arrow::DictionaryType&>(type).index_type()->id());
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION:
      return CheckUnion(data, static_cast<const arrow::UnionType&>(type),
                        type.id() == Type::DENSE_UNION);
    case Type::RUN_END_ENCODED:
      return CheckRunEndsOfType(data);
    default:
      return Status::OK();
  }
}

const arrow::DataType* StorageType(const arrow::DataType* type) {
  while (type->id() == Type::EXTENSION) {
    type = static_cast<const arrow::ExtensionType*>(type)->storage_type().get();
  }
  return type;
}

}  // namespace

arrow::Result<std::shared_ptr<ArrayData>> LayoutCopier::Copy(const ArrayData& column) {
  const arrow::DataType& type = *StorageType(column.type.get());
  auto copy = column.Copy();
  // What is null may point anywhere, so that has to stay as it is, too.
  if (!copy->buffers.empty()) ARROW_RETURN_NOT_OK(CopyBuffer(copy.get(), 0));
  for (const size_t index : LayoutBuffers(type)) {
    ARROW_RETURN_NOT_OK(CopyBuffer(copy.get(), index));
  }
  for (auto& child : copy->child_data) {
    ARROW_ASSIGN_OR_RAISE(child, Copy(*child));
  }
  if (type.id() == Type::RUN_END_ENCODED) {
    ARROW_RETURN_NOT_OK(CopyBuffer(copy->child_data[0].get(), 1));
  }
  if (copy->dictionary != nullptr) {
    ARROW_ASSIGN_OR_RAISE(copy->dictionary, CopyDictionary(copy->dictionary));
  }
  // Whether buffers are as long as they must be; of what is in them, only a glance.
  ARROW_RETURN_NOT_OK(arrow::MakeArray(copy)->Validate());
  ARROW_RETURN_NOT_OK(Check(*copy, type));
  return copy;
}

arrow::Result<std::shared_ptr<ArrayData>> LayoutCopier::CopyDictionary(
    const std::shared_ptr<ArrayData>& dictionary) {
  const auto known = dictionaries_.find(dictionary.get());
  if (known != dictionaries_.end()) return known->second.copy;
  ARROW_ASSIGN_OR_RAISE(auto copy, Copy(*dictionary));
  if (dictionaries_.size() >= kMaxDictionaries) dictionaries_.clear();
  dictionaries_.emplace(dictionary.get(), Dictionary{dictionary, copy});
  return copy;
}

}  // namespace pinion::data
