#include "flight/sql_proto.h"

#include <cstdint>
#include <functional>
#include <limits>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/status.h>
#include <arrow/type.h>
#include <arrow/util/utf8.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace pinion::flight {
namespace {

namespace io = google::protobuf::io;

constexpr std::string_view kTypePrefix = "type.googleapis.com/arrow.flight.protocol.sql.";

// The low three bits of a field's tag say how its value is laid out.
enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr int kWireTypeBits = 3;
constexpr uint32_t Tag(uint32_t field, WireType type) {
  return (field << kWireTypeBits) | type;
}

bool SkipField(io::CodedInputStream& input, uint32_t tag) {
  uint64_t number;
  uint32_t small;
  switch (tag & 7) {
    case kVarint:
      return input.ReadVarint64(&number);
    case kFixed64:
      return input.ReadLittleEndian64(&number);
    case kFixed32:
      return input.ReadLittleEndian32(&small);
    case kBytes:
      return input.ReadVarint32(&small) && small <= INT32_MAX &&
             input.Skip(static_cast<int>(small));
    default:
      return false;
  }
}

// Calls `take` with the number and content of every field of strings, bytes or messages,
// and passes over the others.
arrow::Status ReadByteFields(std::string_view body,
                             const std::function<void(uint32_t, std::string)>& take) {
  io::CodedInputStream input(reinterpret_cast<const uint8_t*>(body.data()),
                             static_cast<int>(body.size()));
  auto malformed = [] {
    return arrow::Status::Invalid(
        "malformed Flight SQL message: its fields cannot be read");
  };
  while (uint32_t tag = input.ReadTag()) {
    if ((tag & 7) != kBytes) {
      if (!SkipField(input, tag)) return malformed();
      continue;
    }
    uint32_t size;
    std::string content;
    if (!input.ReadVarint32(&size) || size > body.size() ||
        !input.ReadString(&content, static_cast<int>(size))) {
      return malformed();
    }
    take(tag >> kWireTypeBits, std::move(content));
  }
  if (!input.ConsumedEntireMessage()) return malformed();
  return arrow::Status::OK();
}

void WriteBytes(io::CodedOutputStream& output, uint32_t field, std::string_view bytes) {
  output.WriteTag(Tag(field, kBytes));
  output.WriteVarint32(static_cast<uint32_t>(bytes.size()));
  output.WriteRaw(bytes.data(), static_cast<int>(bytes.size()));
}

arrow::Status WriteSchema(io::CodedOutputStream& output, uint32_t field,
                          const std::shared_ptr<arrow::Schema>& schema) {
  if (!schema) return arrow::Status::OK();
  ARROW_ASSIGN_OR_RAISE(auto message, arrow::ipc::SerializeSchema(*schema));
  WriteBytes(output, field, std::string_view(*message));
  return arrow::Status::OK();
}

}  // namespace

std::optional<SqlMessage> UnpackSqlMessage(std::string_view bytes) {
  google::protobuf::Any any;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !any.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !any.type_url().starts_with(kTypePrefix)) {
    return std::nullopt;
  }
  return SqlMessage{.name = any.type_url().substr(kTypePrefix.size()),
                    .body = std::move(*any.mutable_value())};
}

std::string PackSqlMessage(std::string_view name, std::string_view body) {
  google::protobuf::Any any;
  any.set_type_url(std::string(kTypePrefix) + std::string(name));
  any.set_value(std::string(body));
  return any.SerializeAsString();
}

arrow::Result<SqlText> ParseSqlText(std::string_view body) {
  SqlText text;
  ARROW_RETURN_NOT_OK(ReadByteFields(body, [&](uint32_t field, std::string content) {
    if (field == 1) {
      text.query = std::move(content);
    } else if (field == 2) {
      text.transaction_id = std::move(content);
    }
  }));
  arrow::util::InitializeUTF8();
  if (!arrow::util::ValidateUTF8(text.query)) {
    return arrow::Status::Invalid("the SQL text is not UTF-8");
  }
  return text;
}

arrow::Result<std::string> ParseHandle(std::string_view body) {
  std::string handle;
  ARROW_RETURN_NOT_OK(ReadByteFields(body, [&](uint32_t field, std::string content) {
    if (field == 1) handle = std::move(content);
  }));
  return handle;
}

arrow::Result<std::string> SerializePreparedStatement(
    const PreparedStatementReply& reply) {
  std::string body;
  {
    io::StringOutputStream sink(&body);
    io::CodedOutputStream output(&sink);
    WriteBytes(output, 1, reply.handle);
    ARROW_RETURN_NOT_OK(WriteSchema(output, 2, reply.dataset_schema));
    ARROW_RETURN_NOT_OK(WriteSchema(output, 3, reply.parameter_schema));
    output.WriteTag(Tag(4, kVarint));
    output.WriteVarint32(reply.is_update ? 1 : 0);
  }
  return PackSqlMessage("ActionCreatePreparedStatementResult", body);
}

std::string SerializeHandle(std::string_view handle) {
  std::string body;
  {
    io::StringOutputStream sink(&body);
    io::CodedOutputStream output(&sink);
    WriteBytes(output, 1, handle);
  }
  return body;
}

}  // namespace pinion::flight
