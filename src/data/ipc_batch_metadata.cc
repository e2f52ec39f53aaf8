// The one flatbuffer that is written here, from front to back: the root offset, then each
// table after its vtable, then the vectors. Offsets of a flatbuffer lead forward, so each
// is filled in when the place of its target is known.
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <arrow/buffer.h>
#include <arrow/util/endian.h>

#include "data/ipc_metadata.h"

namespace pinion::data {
namespace {

class FlatWriter {
 public:
  template <typename Number>
  void Put(Number number) {
    number = arrow::bit_util::ToLittleEndian(number);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(Number));
  }

  // An offset whose target comes later; returns its place for PointTo.
  size_t PutOffset() {
    Put(uint32_t{0});
    return bytes_.size() - sizeof(uint32_t);
  }

  void PointTo(size_t offset_place, size_t target) {
    const auto offset =
        arrow::bit_util::ToLittleEndian(static_cast<uint32_t>(target - offset_place));
    std::memcpy(bytes_.data() + offset_place, &offset, sizeof(offset));
  }

  // Writes the vtable, which has the table's size and where in it each field lies (0: not
  // there), and the table's first 4 bytes. Both lie at a multiple of 8.
  size_t StartTable(uint16_t table_bytes, const std::vector<uint16_t>& places) {
    AlignFor(0);
    const size_t vtable = bytes_.size();
    Put(static_cast<uint16_t>((2 + places.size()) * sizeof(uint16_t)));
    Put(table_bytes);
    for (const uint16_t place : places) Put(place);
    AlignFor(0);
    const size_t table = bytes_.size();
    Put(static_cast<int32_t>(table - vtable));
    return table;
  }

  // The length of a vector whose elements consist of 64-bit numbers, which follow.
  size_t StartVector(size_t elements) {
    AlignFor(sizeof(uint32_t));
    const size_t vector = bytes_.size();
    Put(static_cast<uint32_t>(elements));
    return vector;
  }

  std::string Finish() {
    AlignFor(0);
    return std::move(bytes_);
  }

 private:
  // Pads until what lies `ahead` bytes further on is at a multiple of 8.
  void AlignFor(size_t ahead) {
    bytes_.resize(((bytes_.size() + ahead + 7) & ~size_t{7}) - ahead);
  }

  std::string bytes_;
};

constexpr uint8_t kRecordBatchHeader = 3;  // in the union of Message
constexpr int8_t kBufferMethod = 0;        // of BodyCompression

// Where the offsets of a RecordBatch table lie.
struct BatchOffsets {
  size_t nodes;
  size_t buffers;
  size_t compression;
  size_t variadic_counts;
};

// Returns the place of the offset to the header.
size_t WriteMessageTable(int64_t body_length, FlatWriter* out) {
  const size_t root = out->PutOffset();
  // version, header_type, header, bodyLength
  out->PointTo(root, out->StartTable(19, {16, 18, 4, 8}));
  const size_t header = out->PutOffset();
  out->Put(body_length);
  out->Put(static_cast<int16_t>(MetadataVersion::kV5));
  out->Put(kRecordBatchHeader);
  return header;
}

BatchOffsets WriteBatchTable(const BatchHeader& batch, size_t header, FlatWriter* out) {
  const uint16_t compression_place = batch.codec ? 20 : 0;
  // length, nodes, buffers, compression, variadicBufferCounts
  out->PointTo(header, out->StartTable(28, {8, 4, 16, compression_place, 24}));
  BatchOffsets offsets;
  offsets.nodes = out->PutOffset();
  out->Put(batch.length);
  offsets.buffers = out->PutOffset();
  offsets.compression = out->PutOffset();
  offsets.variadic_counts = out->PutOffset();
  return offsets;
}

}  // namespace

std::shared_ptr<arrow::Buffer> MakeBatchMetadata(const BatchHeader& batch,
                                                 int64_t body_length) {
  FlatWriter out;
  const size_t header = WriteMessageTable(body_length, &out);
  const BatchOffsets offsets = WriteBatchTable(batch, header, &out);
  if (batch.codec) {
    // codec, method
    out.PointTo(offsets.compression, out.StartTable(6, {4, 5}));
    out.Put(static_cast<int8_t>(*batch.codec));
    out.Put(kBufferMethod);
  }
  out.PointTo(offsets.nodes, out.StartVector(batch.nodes.size()));
  for (const auto& node : batch.nodes) {
    out.Put(node.length);
    out.Put(node.null_count);
  }
  out.PointTo(offsets.buffers, out.StartVector(batch.buffers.size()));
  for (const auto& buffer : batch.buffers) {
    out.Put(buffer.offset);
    out.Put(buffer.length);
  }
  out.PointTo(offsets.variadic_counts, out.StartVector(batch.variadic_counts.size()));
  for (const int64_t count : batch.variadic_counts) out.Put(count);
  return arrow::Buffer::FromString(out.Finish());
}

}  // namespace pinion::data
