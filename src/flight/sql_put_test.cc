// What clients upload that Arrow's own never would: DoPut by gRPC itself.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/buffer.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <gmock/gmock.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "flight/sql_service_test.h"

namespace pinion::flight {
namespace {

using testing::HasSubstr;

// A field of a protobuf message that is bytes, or a message itself.
std::string Field(uint32_t number, std::string_view content) {
  std::string field;
  google::protobuf::io::StringOutputStream sink(&field);
  google::protobuf::io::CodedOutputStream output(&sink);
  output.WriteTag(number << 3 | 2);
  output.WriteVarint32(static_cast<uint32_t>(content.size()));
  output.WriteRaw(content.data(), static_cast<int>(content.size()));
  output.Trim();
  return field;
}

// A FlightData with a descriptor of type CMD alone.
std::string Bare(std::string_view command) {
  const std::string type_is_cmd("\x08\x02", 2);
  return Field(1, type_is_cmd + Field(2, command));
}

// The fields of a FlightData that hold an IPC message.
Result<std::string> DataOf(const arrow::ipc::IpcPayload& payload) {
  std::string body;
  for (const auto& buffer : payload.body_buffers) {
    if (buffer != nullptr) body += std::string_view(*buffer);
    body.resize((body.size() + 7) / 8 * 8);
  }
  return Field(2, std::string_view(*payload.metadata)) + Field(1000, body);
}

// A DoPut, message by message. Blocks, for as long as its deadline lets it.
class RawPut {
 public:
  explicit RawPut(const std::string& location)
      : stub_(grpc::CreateChannel(location.substr(location.find("//") + 2),
                                  grpc::InsecureChannelCredentials())) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(2));
    call_ = stub_.PrepareCall(&context_, "/arrow.flight.protocol.FlightService/DoPut",
                              &queue_);
    call_->StartCall(this);
    Await();
  }

  bool Write(std::string_view message) {
    const grpc::Slice slice(message.data(), message.size());
    call_->Write(grpc::ByteBuffer(&slice, 1), this);
    return Await();
  }

  // The answer's bytes, or none when the call has ended.
  std::optional<std::string> Read() {
    grpc::ByteBuffer message;
    call_->Read(&message, this);
    if (!Await()) return std::nullopt;
    grpc::Slice slice;
    EXPECT_TRUE(message.DumpToSingleSlice(&slice).ok());
    return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }

  grpc::Status Finish() {
    call_->WritesDone(this);
    Await();
    while (Read().has_value()) {
    }
    grpc::Status status;
    call_->Finish(&status, this);
    Await();
    return status;
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

class SqlPutTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    options_.max_receive_bytes = int64_t{1} << 20;
    ASSERT_NO_FATAL_FAILURE(SqlServiceTest::SetUp());
    ASSERT_OK(Update("CREATE TABLE target (id BIGINT)"));
    const auto options = arrow::ipc::IpcWriteOptions::Defaults();
    ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2}));
    arrow::ipc::IpcPayload payload;
    ASSERT_OK(arrow::ipc::GetSchemaPayload(
        *batch->schema(), options, arrow::ipc::DictionaryFieldMapper(*batch->schema()),
        &payload));
    ASSERT_OK_AND_ASSIGN(schema_, DataOf(payload));
    ASSERT_OK(arrow::ipc::GetRecordBatchPayload(*batch, options, &payload));
    ASSERT_OK_AND_ASSIGN(batch_, DataOf(payload));
  }

  RawPut Put() { return RawPut(server_->locations().front()); }

  // CommandStatementIngest: append to the table.
  const std::string ingest_ =
      PackSqlMessage("CommandStatementIngest",
                     Field(1, std::string("\x08\x02\x10\x02", 4)) + Field(2, "target"));
  const std::string insert_ =
      PackSqlMessage("CommandStatementUpdate", Field(1, "INSERT INTO target VALUES (7)"));
  std::string schema_;
  std::string batch_;
};

// A PutResult of a DoPutUpdateResult.
constexpr char kOneRow[] = "\x0a\x02\x08\x01";

// As arrow-rs does.
TEST_F(SqlPutTest, AnUpdateNeedsNoSchema) {
  RawPut put = Put();
  ASSERT_TRUE(put.Write(Bare(insert_)));
  EXPECT_TRUE(put.Finish().ok());
  ASSERT_OK_AND_EQ(1, Number("SELECT count(*) FROM target"));
}

// As Arrow's own client and flightsql-dbapi do.
TEST_F(SqlPutTest, AnUpdateIsAnsweredBeforeTheClientEndsItsUpload) {
  for (const std::string& message : {Bare(insert_), Bare(insert_) + schema_}) {
    RawPut put = Put();
    ASSERT_TRUE(put.Write(message));
    EXPECT_EQ(put.Read(), kOneRow);
    EXPECT_TRUE(put.Finish().ok());
  }
}

TEST_F(SqlPutTest, AnIngestionTakesWhatIsWhole) {
  RawPut put = Put();
  ASSERT_TRUE(put.Write(Bare(ingest_) + schema_));
  ASSERT_TRUE(put.Write(batch_));
  EXPECT_TRUE(put.Finish().ok());
  ASSERT_OK_AND_EQ(2, Number("SELECT count(*) FROM target"));
}

TEST_F(SqlPutTest, AnIngestionWithoutASchemaIsInvalid) {
  RawPut put = Put();
  ASSERT_TRUE(put.Write(Bare(ingest_)));
  const grpc::Status status = put.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("schema"));
}

TEST_F(SqlPutTest, AnIngestionThatBreaksLeavesNothing) {
  const std::string too_large(static_cast<size_t>(options_.max_receive_bytes) + 1, 'x');
  for (const std::string& message :
       {Field(2, "no IPC message, though long enough to be one"), Field(3, too_large)}) {
    RawPut put = Put();
    ASSERT_TRUE(put.Write(Bare(ingest_) + schema_));
    ASSERT_TRUE(put.Write(batch_));
    put.Write(message);
    EXPECT_FALSE(put.Finish().ok());
    ASSERT_OK_AND_EQ(0, Number("SELECT count(*) FROM target"));
  }
}

TEST_F(SqlPutTest, ACommandThatCannotBeReadIsInvalid) {
  for (const char* name : {"CommandStatementIngest", "CommandStatementUpdate",
                           "CommandPreparedStatementQuery"}) {
    RawPut put = Put();
    ASSERT_TRUE(put.Write(Bare(PackSqlMessage(name, "\xff\xff\xff")) + schema_));
    EXPECT_EQ(put.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT) << name;
  }
  RawPut put = Put();
  ASSERT_TRUE(put.Write(Bare(PackSqlMessage("CommandOfTheFuture", "")) + schema_));
  EXPECT_EQ(put.Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace pinion::flight
