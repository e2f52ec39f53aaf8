#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include <arrow/util/endian.h>

namespace pinion::data {

// Views of a flatbuffer, the encoding of Arrow's metadata, read without generated code
// (Arrow keeps its own private). Nothing is trusted: every access is checked against the
// bytes given, and what lies outside of them is absent. The bytes must outlive the views.
//
// The numbers of a table's fields are those of the schema files in Arrow's format/
// folder, counted from 0; a union takes two, its type and its value.
class FlatBytes {
 public:
  FlatBytes(const uint8_t* data, int64_t size) : data_(data), size_(size) {}

  template <typename Number>
  std::optional<Number> Read(int64_t position) const {
    static_assert(std::is_arithmetic_v<Number>);
    if (position < 0 || position > size_ - static_cast<int64_t>(sizeof(Number))) {
      return std::nullopt;
    }
    Number number;
    std::memcpy(&number, data_ + position, sizeof(Number));
    return arrow::bit_util::FromLittleEndian(number);
  }

  // Where the offset stored at `position` leads.
  std::optional<int64_t> Follow(int64_t position) const {
    const auto offset = Read<uint32_t>(position);
    if (!offset || *offset == 0) return std::nullopt;
    return position + *offset;
  }

  bool Contains(int64_t position, int64_t bytes) const {
    return position >= 0 && bytes >= 0 && position <= size_ && bytes <= size_ - position;
  }

 private:
  const uint8_t* data_;
  int64_t size_;
};

// A vector of numbers, structs or tables.
class FlatVector {
 public:
  FlatVector(FlatBytes bytes, int64_t begin, int64_t size)
      : bytes_(bytes), begin_(begin), size_(size) {}

  int64_t size() const { return size_; }

  // A number at `byte` of the struct (or number) at `index`, whose size is `stride`.
  template <typename Number>
  std::optional<Number> Read(int64_t index, int64_t stride, int64_t byte = 0) const {
    if (index < 0 || index >= size_) return std::nullopt;
    return bytes_.Read<Number>(begin_ + index * stride + byte);
  }

  // Where the element starts, if the elements are tables.
  std::optional<int64_t> FollowTo(int64_t index) const {
    if (index < 0 || index >= size_) return std::nullopt;
    return bytes_.Follow(begin_ + index * static_cast<int64_t>(sizeof(uint32_t)));
  }

 private:
  FlatBytes bytes_;
  int64_t begin_;
  int64_t size_;
};

class FlatTable {
 public:
  static std::optional<FlatTable> Root(const uint8_t* data, int64_t size) {
    const FlatBytes bytes(data, size);
    const auto position = bytes.Follow(0);
    if (!position) return std::nullopt;
    return At(bytes, *position);
  }

  // The number in a field; absent as well if the field has its default.
  template <typename Number>
  std::optional<Number> Read(int field) const {
    const auto position = FieldPosition(field);
    if (!position) return std::nullopt;
    return bytes_.Read<Number>(*position);
  }

  std::optional<FlatTable> Table(int field) const {
    const auto position = FieldPosition(field);
    if (!position) return std::nullopt;
    const auto table = bytes_.Follow(*position);
    if (!table) return std::nullopt;
    return At(bytes_, *table);
  }

  // A vector whose elements take `stride` bytes each.
  std::optional<FlatVector> Vector(int field, int64_t stride) const {
    const auto position = FieldPosition(field);
    if (!position) return std::nullopt;
    const auto vector = bytes_.Follow(*position);
    if (!vector) return std::nullopt;
    const auto size = bytes_.Read<uint32_t>(*vector);
    const auto begin = *vector + static_cast<int64_t>(sizeof(uint32_t));
    if (!size || !bytes_.Contains(begin, *size * stride)) return std::nullopt;
    return FlatVector(bytes_, begin, *size);
  }

  // The table at `index` of a vector of tables.
  std::optional<FlatTable> TableIn(const FlatVector& vector, int64_t index) const {
    const auto position = vector.FollowTo(index);
    if (!position) return std::nullopt;
    return At(bytes_, *position);
  }

 private:
  FlatTable(FlatBytes bytes, int64_t position, int64_t vtable, uint16_t vtable_bytes)
      : bytes_(bytes),
        position_(position),
        vtable_(vtable),
        vtable_bytes_(vtable_bytes) {}

  static std::optional<FlatTable> At(FlatBytes bytes, int64_t position) {
    const auto distance = bytes.Read<int32_t>(position);
    if (!distance) return std::nullopt;
    const int64_t vtable = position - *distance;
    const auto vtable_bytes = bytes.Read<uint16_t>(vtable);
    if (!vtable_bytes || !bytes.Contains(vtable, *vtable_bytes)) return std::nullopt;
    return FlatTable(bytes, position, vtable, *vtable_bytes);
  }

  std::optional<int64_t> FieldPosition(int field) const {
    // The vtable begins with its own size and that of the table.
    const int64_t entry = (2 + int64_t{field}) * static_cast<int64_t>(sizeof(uint16_t));
    if (entry + static_cast<int64_t>(sizeof(uint16_t)) > vtable_bytes_) {
      return std::nullopt;
    }
    const auto offset = bytes_.Read<uint16_t>(vtable_ + entry);
    if (!offset || *offset == 0) return std::nullopt;
    return position_ + *offset;
  }

  FlatBytes bytes_;
  int64_t position_;
  int64_t vtable_;
  uint16_t vtable_bytes_;
};

}  // namespace pinion::data
