// The Flight SQL service over the wire, by Arrow's own client.
#include "flight/sql_service.h"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <arrow/flight/sql/client.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/table.h>
#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flight/sql_service_test.h"

namespace pinion::flight {
namespace {

using testing::HasSubstr;

TEST_F(SqlServiceTest, AQueryMayBeFetchedUntilItsEndpointExpires) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT 42 AS n"));
  ASSERT_TRUE(info->endpoints()[0].expiration_time.has_value());
  EXPECT_GT(*info->endpoints()[0].expiration_time, std::chrono::system_clock::now());
  ASSERT_OK_AND_ASSIGN(const auto once, Fetch(*info));
  ASSERT_OK_AND_ASSIGN(const auto again, Fetch(*info));
  EXPECT_TRUE(once->Equals(*again));
}

TEST_F(SqlServiceTest, RenewingAnEndpointMovesItsExpiry) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT 42 AS n"));
  ASSERT_OK_AND_ASSIGN(
      const auto renewed,
      client_->RenewFlightEndpoint(
          {}, arrow::flight::RenewFlightEndpointRequest(info->endpoints()[0])));
  EXPECT_GE(*renewed.expiration_time, *info->endpoints()[0].expiration_time);
  ASSERT_OK_AND_ASSIGN(auto reader, client_->DoGet({}, renewed.ticket));
  ASSERT_OK_AND_ASSIGN(const auto table, reader->ToTable());
  EXPECT_EQ(table->num_rows(), 1);
}

TEST_F(SqlServiceTest, TheSchemaPromisedIsTheSchemaSent) {
  ASSERT_OK(Update("CREATE TABLE typed (id BIGINT NOT NULL, n DECIMAL(38, 3), t TIME)"));
  for (const char* text : {"SELECT * FROM typed", "SELECT count(*) AS c FROM typed",
                           "SELECT 1 AS a, NULL AS b, [1] AS c, {'x': 1} AS d"}) {
    SCOPED_TRACE(text);
    ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, text));
    arrow::ipc::DictionaryMemo memo;
    ASSERT_OK_AND_ASSIGN(const auto promised, info->GetSchema(&memo));
    ASSERT_OK_AND_ASSIGN(const auto table, Fetch(*info));
    EXPECT_TRUE(table->schema()->Equals(*promised, /*check_metadata=*/true));
  }
}

TEST_F(SqlServiceTest, AChangedTableIsNotSentUnderTheSchemaPromisedBefore) {
  ASSERT_OK(Update("CREATE TABLE changing (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT * FROM changing"));
  ASSERT_OK(Fetch(*info));
  ASSERT_OK(Update("ALTER TABLE changing ADD COLUMN name VARCHAR"));
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("another schema"), Fetch(*info));
}

TEST_F(SqlServiceTest, AChangeAskedForAsAQueryRunsOnceHoweverOftenItIsFetched) {
  ASSERT_OK(Update("CREATE TABLE once (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto info,
                       client_->Execute({}, "INSERT INTO once VALUES (1), (2)"));
  EXPECT_EQ(info->total_records(), 2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto table, Fetch(*info));
    EXPECT_EQ(table->num_columns(), 0);
  }
  ASSERT_OK_AND_EQ(2, Number("SELECT count(*) FROM once"));
}

TEST_F(SqlServiceTest, AChangeAskedForAsAQueryRunsEvenIfItIsNeverFetched) {
  ASSERT_OK(client_->Execute({}, "CREATE TABLE unfetched (id BIGINT)"));
  ASSERT_OK(client_->Execute({}, "INSERT INTO unfetched VALUES (7) RETURNING id"));
  ASSERT_OK_AND_EQ(1, Number("SELECT count(*) FROM unfetched"));
}

// The JDBC driver runs a statement once more whose count is unknown.
TEST_F(SqlServiceTest, ADefinitionChangesNoRowsWhichIsNotAnUnknownCount) {
  ASSERT_OK_AND_EQ(0, client_->ExecuteUpdate({}, "CREATE TABLE defined (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto statement,
                       client_->Prepare({}, "CREATE TABLE defined_too (id BIGINT)"));
  ASSERT_OK_AND_EQ(0, statement->ExecuteUpdate());
}

TEST_F(SqlServiceTest, TheRowsOfAChangeAreFetchedOnce) {
  ASSERT_OK(Update("CREATE TABLE returning_rows (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(
      const auto info,
      client_->Execute({}, "INSERT INTO returning_rows VALUES (7), (8) RETURNING id"));
  // A time would invite the client to fetch again.
  EXPECT_FALSE(info->endpoints()[0].expiration_time.has_value());
  ASSERT_OK_AND_ASSIGN(const auto table, Fetch(*info));
  EXPECT_EQ(table->num_rows(), 2);
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("unknown result"), Fetch(*info));
  ASSERT_OK_AND_EQ(2, Number("SELECT count(*) FROM returning_rows"));
}

TEST_F(SqlServiceTest, SeveralStatementsInOneTextRunOnce) {
  ASSERT_OK(Update("CREATE TABLE script (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(
      const auto table,
      Query(*client_, "INSERT INTO script VALUES (1); SELECT count(*) AS n FROM script"));
  ASSERT_OK_AND_ASSIGN(const auto count, table->column(0)->GetScalar(0));
  EXPECT_EQ(count->ToString(), "1");
  ASSERT_OK_AND_EQ(1, Number("SELECT count(*) FROM script"));
}

TEST_F(SqlServiceTest, OneResultDoesNotBreakAnother) {
  ASSERT_OK_AND_ASSIGN(const auto a,
                       client_->Execute({}, "SELECT range FROM range(300000)"));
  ASSERT_OK_AND_ASSIGN(auto first, client_->DoGet({}, a->endpoints()[0].ticket));
  ASSERT_OK_AND_ASSIGN(const auto chunk, first->Next());
  ASSERT_OK_AND_EQ(42, Number("SELECT 42"));
  ASSERT_OK_AND_ASSIGN(const auto rest, first->ToTable());
  EXPECT_EQ(chunk.data->num_rows() + rest->num_rows(), 300'000);
}

TEST_F(SqlServiceTest, TransactionsBelongToTheirConnection) {
  ASSERT_OK(Update("CREATE TABLE owned (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto transaction, client_->BeginTransaction({}));
  ASSERT_OK_AND_ASSIGN(const auto other, Connect());
  EXPECT_RAISES_WITH_MESSAGE_THAT(
      KeyError, HasSubstr("unknown transaction"),
      other->ExecuteUpdate({}, "INSERT INTO owned VALUES (1)", transaction));
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("unknown transaction"),
                                  other->Commit({}, transaction));
  ASSERT_OK(client_->ExecuteUpdate({}, "INSERT INTO owned VALUES (1)", transaction));
  ASSERT_OK(client_->Rollback({}, transaction));
  ASSERT_OK_AND_EQ(0, Number("SELECT count(*) FROM owned"));
}

TEST_F(SqlServiceTest, PreparedStatementsBelongToTheirConnection) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_OK_AND_ASSIGN(const std::string statement, PrepareRaw(*plain, "SELECT 1"));
  ASSERT_OK_AND_ASSIGN(const std::string handle, ParseHandle(statement));
  const auto command = FlightDescriptor::Command(
      PackSqlMessage("CommandPreparedStatementQuery", SerializeHandle(handle)));
  ASSERT_OK_AND_ASSIGN(const auto other, ConnectPlain());
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("unknown prepared statement"),
                                  other->GetFlightInfo(command));
  ASSERT_OK(plain->GetFlightInfo(command));
}

TEST_F(SqlServiceTest, APreparedStatementSaysWhetherItIsAnUpdate) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  // Field 4, is_update, is the last one.
  ASSERT_OK_AND_ASSIGN(const std::string query, PrepareRaw(*plain, "SELECT 1"));
  EXPECT_TRUE(query.ends_with(std::string("\x20\x00", 2)));
  ASSERT_OK_AND_ASSIGN(const std::string update,
                       PrepareRaw(*plain, "CREATE TABLE prepared (id BIGINT)"));
  EXPECT_TRUE(update.ends_with("\x20\x01"));
}

TEST_F(SqlServiceTest, IngestionTakesPartInATransaction) {
  ASSERT_OK_AND_ASSIGN(const auto transaction, client_->BeginTransaction({}));
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2}));
  ASSERT_OK_AND_ASSIGN(auto reader, arrow::RecordBatchReader::Make({batch}));
  ASSERT_OK_AND_EQ(2, client_->ExecuteIngest({}, reader, kCreate, "ingested", {}, {},
                                             false, transaction));
  ASSERT_OK(client_->Rollback({}, transaction));
  ASSERT_RAISES(KeyError, Number("SELECT count(*) FROM ingested"));
}

// Its stream of data never ends, and then its time is up.
TEST_F(SqlServiceTest, AnUploadThatBreaksOffLeavesNothing) {
  ASSERT_OK(Update("CREATE TABLE half (id BIGINT)"));
  // CommandStatementIngest: append to "half".
  const std::string command = PackSqlMessage(
      "CommandStatementIngest", std::string("\x0a\x04\x08\x02\x10\x02\x12\x04half", 12));
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  FlightCallOptions options;
  options.timeout = std::chrono::seconds(2);
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2}));
  ASSERT_OK_AND_ASSIGN(auto put, plain->DoPut(options, FlightDescriptor::Command(command),
                                              batch->schema()));
  ASSERT_OK(put.writer->WriteRecordBatch(*batch));
  std::shared_ptr<arrow::Buffer> metadata;
  (void)put.reader->ReadMetadata(&metadata);
  EXPECT_EQ(metadata, nullptr);
  EXPECT_EQ(FlightCode(put.writer->Close()), FlightStatusCode::TimedOut);
  // Waits for the calls in flight, the upload among them.
  ASSERT_OK_AND_EQ(0, Number("SELECT count(*) FROM half"));
}

TEST_F(SqlServiceTest, ACancelledQueryDoesNotRun) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT 42"));
  arrow::flight::CancelFlightInfoRequest request(std::make_unique<FlightInfo>(*info));
  ASSERT_OK_AND_ASSIGN(const auto result, client_->CancelFlightInfo({}, request));
  EXPECT_EQ(result.status, arrow::flight::CancelStatus::kCancelled);
  EXPECT_RAISES_WITH_MESSAGE_THAT(Cancelled, HasSubstr("cancelled"), Fetch(*info));
}

TEST_F(SqlServiceTest, CancellingEndsAQueryInTheMiddleOfItsStream) {
  ASSERT_OK_AND_ASSIGN(
      const auto info,
      client_->Execute({}, "SELECT a.range FROM range(9000000) a, range(9000000) b"));
  ASSERT_OK_AND_ASSIGN(auto reader, client_->DoGet({}, info->endpoints()[0].ticket));
  ASSERT_OK(reader->Next());
  arrow::flight::CancelFlightInfoRequest request(std::make_unique<FlightInfo>(*info));
  ASSERT_OK(client_->CancelFlightInfo({}, request));
  ASSERT_RAISES(Cancelled, reader->ToTable());
  ASSERT_OK_AND_EQ(42, Number("SELECT 42"));
}

TEST_F(SqlServiceTest, ADeadlineEndsTheWorkOfTheEngine) {
  FlightCallOptions options;
  options.timeout = std::chrono::milliseconds(500);
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, kEndless));
  auto reader = client_->DoGet(options, info->endpoints()[0].ticket);
  const Status status = reader.ok() ? (*reader)->ToTable().status() : reader.status();
  EXPECT_EQ(FlightCode(status), FlightStatusCode::TimedOut) << status;
  // Would wait for ever if the work went on.
  ASSERT_OK(server_->Shutdown(std::chrono::minutes(5)));
}

TEST_F(SqlServiceTest, AStatementCanBePolledToItsEnd) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  FlightDescriptor descriptor = FlightDescriptor::Command(
      PackSqlMessage("CommandStatementQuery", SerializeHandle("SELECT 42 AS n")));
  std::unique_ptr<arrow::flight::PollInfo> poll;
  do {
    ASSERT_OK_AND_ASSIGN(poll, plain->PollFlightInfo(descriptor));
    if (poll->descriptor.has_value()) descriptor = *poll->descriptor;
  } while (poll->descriptor.has_value());
  EXPECT_EQ(poll->progress, 1.0);
  ASSERT_OK_AND_ASSIGN(const auto table, Fetch(*poll->info));
  EXPECT_EQ(table->num_rows(), 1);
}

TEST_F(SqlServiceTest, ALongStatementIsPolledAndCancelled) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_OK_AND_ASSIGN(const auto poll,
                       plain->PollFlightInfo(FlightDescriptor::Command(PackSqlMessage(
                           "CommandStatementQuery", SerializeHandle(kEndless)))));
  ASSERT_TRUE(poll->descriptor.has_value());
  EXPECT_TRUE(poll->expiration_time.has_value());
  arrow::flight::CancelFlightInfoRequest request(
      std::make_unique<FlightInfo>(*poll->info));
  ASSERT_OK_AND_ASSIGN(const auto result, plain->CancelFlightInfo(request));
  EXPECT_EQ(result.status, arrow::flight::CancelStatus::kCancelled);
  ASSERT_RAISES(KeyError, plain->PollFlightInfo(*poll->descriptor));
}

TEST_F(SqlServiceTest, OptionsHoldInTheSessionThatSetThem) {
  ASSERT_OK(Update("CREATE SCHEMA apart"));
  ASSERT_OK(Update("CREATE TABLE apart.inside (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto session, ConnectWithCookies());
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      session->SetSessionOptions(
          {}, arrow::flight::SetSessionOptionsRequest(
                  {{"schema", "apart"}, {"no_such_option", "x"}, {"catalog", 5.0}})));
  using Error = arrow::flight::SetSessionOptionErrorValue;
  ASSERT_EQ(result.errors.size(), 2u) << result.ToString();
  EXPECT_EQ(result.errors.at("no_such_option").value, Error::kInvalidName);
  EXPECT_EQ(result.errors.at("catalog").value, Error::kInvalidValue);
  ASSERT_OK(session->Execute({}, "SELECT * FROM inside"));
  ASSERT_RAISES(KeyError, client_->Execute({}, "SELECT * FROM inside"));
  ASSERT_OK_AND_ASSIGN(const auto options, session->GetSessionOptions({}, {}));
  EXPECT_EQ(std::get<std::string>(options.session_options.at("schema")), "apart");
  ASSERT_OK_AND_ASSIGN(const auto closed, session->CloseSession({}, {}));
  EXPECT_EQ(closed.status, arrow::flight::CloseSessionStatus::kClosed);
}

TEST_F(SqlServiceTest, ACookieThatIsUnknownIsRefusedAndNotIgnored) {
  FlightCallOptions options;
  options.headers = {{"cookie", "arrow_flight_session_id=made-up"}};
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("session"),
                                  client_->Execute(options, "SELECT 1"));
}

TEST_F(SqlServiceTest, ServerInformationPassesOverCodesThatItDoesNotKnow) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->GetSqlInfo({}, {8, 99'999, 0, 6}));
  ASSERT_OK_AND_ASSIGN(const auto table, Fetch(*info));
  EXPECT_TRUE(table->schema()->Equals(*sql::SqlSchema::GetSqlInfoSchema()));
  EXPECT_EQ(table->num_rows(), 2);
  ASSERT_OK_AND_ASSIGN(const auto all, client_->GetSqlInfo({}, std::vector<int>{}));
  ASSERT_OK_AND_ASSIGN(const auto everything, Fetch(*all));
  EXPECT_EQ(everything->num_rows(), 89);
}

TEST_F(SqlServiceTest, OnlyActionsThatAreCarriedOutAreListed) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_OK_AND_ASSIGN(const auto actions, plain->ListActions());
  std::set<std::string> names;
  for (const auto& action : actions) names.insert(action.type);
  EXPECT_TRUE(names.contains("CreatePreparedStatement"));
  EXPECT_TRUE(names.contains("CancelFlightInfo"));
  EXPECT_FALSE(names.contains("CreatePreparedSubstraitPlan"));
  EXPECT_FALSE(names.contains("BeginSavepoint"));
}

TEST_F(SqlServiceTest, SubstraitIsRefused) {
  EXPECT_RAISES_WITH_MESSAGE_THAT(NotImplemented, HasSubstr("send SQL"),
                                  client_->ExecuteSubstrait({}, {"plan", "0.1"}));
}

TEST_F(SqlServiceTest, MetadataHasExactlyTheSchemasOfTheProtocol) {
  const auto check = [&](const Result<std::unique_ptr<FlightInfo>>& info,
                         const std::shared_ptr<arrow::Schema>& expected) {
    ASSERT_OK(info);
    arrow::ipc::DictionaryMemo memo;
    ASSERT_OK_AND_ASSIGN(const auto promised, (*info)->GetSchema(&memo));
    ASSERT_OK_AND_ASSIGN(const auto table, Fetch(**info));
    EXPECT_TRUE(promised->Equals(*expected)) << promised->ToString();
    EXPECT_TRUE(table->schema()->Equals(*expected)) << table->schema()->ToString();
  };
  using sql::SqlSchema;
  ASSERT_OK(Update("CREATE TABLE parent (id BIGINT PRIMARY KEY)"));
  ASSERT_OK(Update("CREATE TABLE child (id BIGINT REFERENCES parent (id))"));
  const sql::TableRef parent{{}, {}, "parent"};
  const sql::TableRef child{{}, {}, "child"};
  check(client_->GetCatalogs({}), SqlSchema::GetCatalogsSchema());
  check(client_->GetDbSchemas({}, nullptr, nullptr), SqlSchema::GetDbSchemasSchema());
  check(client_->GetTables({}, nullptr, nullptr, nullptr, false, nullptr),
        SqlSchema::GetTablesSchema());
  check(client_->GetTables({}, nullptr, nullptr, nullptr, true, nullptr),
        SqlSchema::GetTablesSchemaWithIncludedSchema());
  check(client_->GetTableTypes({}), SqlSchema::GetTableTypesSchema());
  check(client_->GetPrimaryKeys({}, parent), SqlSchema::GetPrimaryKeysSchema());
  check(client_->GetExportedKeys({}, parent), SqlSchema::GetExportedKeysSchema());
  check(client_->GetImportedKeys({}, child), SqlSchema::GetImportedKeysSchema());
  check(client_->GetCrossReference({}, parent, child),
        SqlSchema::GetCrossReferenceSchema());
  check(client_->GetXdbcTypeInfo({}), SqlSchema::GetXdbcTypeInfoSchema());
}

TEST_F(SqlServiceTest, AHandshakeGivesABearerToken) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_OK_AND_ASSIGN(const auto header,
                       plain->AuthenticateBasicToken({}, "anybody", "x"));
  EXPECT_EQ(header.first, "authorization");
  EXPECT_THAT(header.second, testing::StartsWith("Bearer "));
  FlightCallOptions options;
  options.headers = {header};
  EXPECT_OK(client_->Execute(options, "SELECT 1"));
}

class ReadOnlySqlServiceTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    options_.read_only = true;
    SqlServiceTest::SetUp();
  }
};

TEST_F(ReadOnlySqlServiceTest, EveryPathToAChangeIsRefused) {
  const auto refused = [](const Status& status) {
    return FlightCode(status) == FlightStatusCode::Unauthorized;
  };
  const std::string create = "CREATE TABLE t (id BIGINT)";
  EXPECT_PRED1(refused, Update(create));
  EXPECT_PRED1(refused, client_->Execute({}, create).status());
  EXPECT_PRED1(refused, client_->Execute({}, "SELECT 1; " + create).status());
  EXPECT_PRED1(refused, client_->Prepare({}, create).status());
  EXPECT_PRED1(refused, Update("COPY (SELECT 1) TO 'somewhere.csv'"));
  EXPECT_PRED1(refused, Update("ATTACH ':memory:' AS other"));
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1}));
  ASSERT_OK_AND_ASSIGN(auto reader, arrow::RecordBatchReader::Make({batch}));
  EXPECT_PRED1(refused,
               client_->ExecuteIngest({}, reader, kCreate, "t", {}, {}, false).status());
  EXPECT_OK(client_->Execute({}, "SELECT 1"));
}

}  // namespace
}  // namespace pinion::flight
