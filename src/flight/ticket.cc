#include "flight/ticket.h"

#include <limits>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include "base/random_id.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;

// No UTF-8 text contains this byte.
constexpr char kMark = '\xfe';
constexpr char kVersion = 1;
constexpr char kDatasetKind = 1;
constexpr char kQueryKind = 2;
constexpr size_t kFlightIdBytes = 16;
constexpr size_t kChecksumBytes = 8;

// FNV-1a: against damage, not against forgery.
uint64_t Hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  return hash;
}

class Encoder {
 public:
  void Byte(char byte) { bytes_.push_back(byte); }
  void Fixed(uint64_t value) {
    for (int i = 0; i < 8; ++i) Byte(static_cast<char>(value >> (8 * i)));
  }
  void Number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Byte(static_cast<char>(value | 0x80));
    Byte(static_cast<char>(value));
  }
  // 0 is absence.
  void Optional(const std::optional<int64_t>& value) {
    Number(value.has_value() ? static_cast<uint64_t>(*value) + 1 : 0);
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.append(text);
  }

  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what Encoder wrote. Reading past the end gives zeros and makes ok() false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  char Byte() {
    if (rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    return byte;
  }
  uint64_t Fixed() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(Byte())) << (8 * i);
    }
    return value;
  }
  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(Byte());
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  // A Number that is at most `limit`.
  int64_t NumberUpTo(int64_t limit) {
    const uint64_t value = Number();
    if (value > static_cast<uint64_t>(limit)) {
      ok_ = false;
      return 0;
    }
    return static_cast<int64_t>(value);
  }
  std::optional<int64_t> Optional() {
    const int64_t value = NumberUpTo(std::numeric_limits<int64_t>::max());
    return value == 0 ? std::nullopt : std::optional<int64_t>(value - 1);
  }
  std::string_view Bytes(size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string Text() { return std::string(Bytes(Number())); }

  size_t remaining() const { return rest_.size(); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void Encode(const DatasetTicket& ticket, Encoder& encoder) {
  encoder.Byte(kDatasetKind);
  encoder.Text(ticket.name);
  encoder.Fixed(ticket.schema_hash);
  encoder.Number(static_cast<uint64_t>(ticket.first_batch));
  encoder.Optional(ticket.num_batches);
  encoder.Optional(ticket.limit);
  encoder.Byte(ticket.columns.has_value() ? 1 : 0);
  if (!ticket.columns.has_value()) return;
  encoder.Number(ticket.columns->size());
  for (const int column : *ticket.columns) encoder.Number(column);
}

void Encode(const QueryTicket& ticket, Encoder& encoder) {
  encoder.Byte(kQueryKind);
  encoder.Text(ticket.sql);
}

DatasetTicket DecodeDataset(Decoder& decoder) {
  DatasetTicket ticket;
  ticket.name = decoder.Text();
  ticket.schema_hash = decoder.Fixed();
  ticket.first_batch = decoder.NumberUpTo(std::numeric_limits<int64_t>::max());
  ticket.num_batches = decoder.Optional();
  ticket.limit = decoder.Optional();
  if (decoder.Byte() == 0) return ticket;
  // Each takes a byte at least, so a wrong count cannot ask for much memory.
  const int64_t count = decoder.NumberUpTo(static_cast<int64_t>(decoder.remaining()));
  ticket.columns.emplace();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t column = decoder.NumberUpTo(std::numeric_limits<int>::max());
    ticket.columns->push_back(static_cast<int>(column));
  }
  return ticket;
}

Status Damaged() {
  return Status::Invalid("the ticket is damaged; get a new one with GetFlightInfo");
}

}  // namespace

std::string EncodeTicket(const OwnTicket& ticket) {
  Encoder encoder;
  encoder.Byte(kMark);
  encoder.Byte(kVersion);
  encoder.bytes().append(ticket.flight_id, 0, kFlightIdBytes);
  encoder.bytes().resize(2 + kFlightIdBytes);
  std::visit([&](const auto& target) { Encode(target, encoder); }, ticket.target);
  encoder.Fixed(Hash(encoder.bytes()));
  return std::move(encoder.bytes());
}

bool IsOwnTicket(std::string_view bytes) { return bytes.starts_with(kMark); }

Result<OwnTicket> DecodeTicket(std::string_view bytes) {
  if (bytes.size() < 2 + kFlightIdBytes + kChecksumBytes || !IsOwnTicket(bytes)) {
    return Damaged();
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Decoder(bytes.substr(content.size())).Fixed() != Hash(content)) return Damaged();
  if (content[1] != kVersion) {
    return Status::Invalid("the ticket is of another version of pinion (",
                           static_cast<int>(content[1]),
                           "); get a new one with GetFlightInfo");
  }
  Decoder decoder(content.substr(2));
  OwnTicket ticket;
  ticket.flight_id = std::string(decoder.Bytes(kFlightIdBytes));
  switch (decoder.Byte()) {
    case kDatasetKind:
      ticket.target = DecodeDataset(decoder);
      break;
    case kQueryKind:
      ticket.target = QueryTicket{.sql = decoder.Text()};
      break;
    default:
      return Damaged();
  }
  if (!decoder.ok() || decoder.remaining() > 0) return Damaged();
  return ticket;
}

std::string NewFlightId() { return base::RandomId().substr(0, kFlightIdBytes); }

uint64_t SchemaHash(const arrow::Schema& schema) {
  const auto serialized = arrow::ipc::SerializeSchema(schema);
  // A schema that cannot be sent fails where it is sent, with the reason.
  return serialized.ok() ? Hash(std::string_view(**serialized)) : 0;
}

}  // namespace pinion::flight
