// What clients may not do, and what the database contains: for any engine.
#include <filesystem>
#include <set>

#include <arrow/util/key_value_metadata.h>

#include "engine/engine_test.h"

namespace pinion::engine {
namespace {

class EnginePolicyTest : public EngineTest {
 protected:
  // A file database with a table t of one row.
  std::string MakeDatabase() {
    EngineOptions options;
    options.database_path = folder_ / "data.db";
    Open(options);
    EXPECT_OK(Run("CREATE TABLE t AS SELECT 1 AS i; CREATE SEQUENCE s"));
    return options.database_path;
  }

  // Statements that write, with and without result rows.
  static std::vector<std::string> Writes() {
    return {"INSERT INTO t VALUES (2)",
            "INSERT INTO t VALUES (2) RETURNING i",
            "UPDATE t SET i = 2",
            "DELETE FROM t",
            "TRUNCATE t",
            "MERGE INTO t USING (SELECT 1 AS j) u ON t.i = u.j WHEN MATCHED THEN DELETE",
            "CREATE TABLE u(i INTEGER)",
            "CREATE TABLE u AS SELECT 1 AS i",
            "CREATE OR REPLACE TABLE t(i INTEGER)",
            "CREATE VIEW v AS SELECT 1",
            "CREATE SCHEMA x",
            "CREATE SEQUENCE q",
            "CREATE MACRO f(a) AS a + 1",
            "CREATE TYPE e AS ENUM ('a')",
            "CREATE INDEX x ON t(i)",
            "ALTER TABLE t ADD COLUMN j INTEGER",
            "DROP TABLE t",
            "COMMENT ON TABLE t IS 'x'",
            "SELECT nextval('s')",
            "WITH x AS (INSERT INTO t VALUES (3) RETURNING i) SELECT * FROM x",
            "EXPLAIN ANALYZE INSERT INTO t VALUES (2)",
            "CHECKPOINT",
            "VACUUM",
            "SELECT 1; DELETE FROM t; SELECT 2",
            "BEGIN; DELETE FROM t; COMMIT"};
  }

  static std::shared_ptr<arrow::RecordBatch> OneRow() {
    return Batch({{"i", Array(arrow::int32(), "[9]")}});
  }

  void ExpectNothingWritten() {
    EXPECT_EQ(Value("SELECT i FROM t"), "1");
    ASSERT_OK_AND_ASSIGN(auto tables, session_->Tables({}));
    EXPECT_EQ(tables.size(), 1);
  }
};

TEST_P(EnginePolicyTest, ReadOnlyEngineRefusesEveryWrite) {
  EngineOptions options;
  options.database_path = MakeDatabase();
  options.read_only = true;
  Open(options);
  EXPECT_TRUE(engine_->info().read_only);
  for (const auto& sql : Writes()) {
    const auto status = Run(sql).status();
    EXPECT_FALSE(status.ok()) << sql;
    if (status.message().find("syntax error") != std::string::npos) continue;
    EXPECT_EQ(ClassOf(status), ErrorClass::kPermission) << sql << ": " << status;
  }
  EXPECT_EQ(ClassOf(session_->Ingest({.table = "u"}, Reader(OneRow()), {})),
            ErrorClass::kPermission);
  EXPECT_EQ(ClassOf(session_->Ingest({.table = "t"}, Reader(OneRow()),
                                     {.mode = IngestMode::kAppend})),
            ErrorClass::kPermission);
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  EXPECT_FALSE(Run("DELETE FROM t", id).ok());
  EXPECT_OK(session_->EndTransaction(id, TransactionEnd::kRollback));
  ExpectNothingWritten();
}

TEST_P(EnginePolicyTest, ReadOnlyEngineInMemoryRefusesWritesToo) {
  EngineOptions options;
  options.read_only = true;
  Open(options);
  EXPECT_EQ(ClassOf(Run("CREATE TABLE t(i INTEGER)")), ErrorClass::kPermission);
  EXPECT_EQ(ClassOf(session_->Ingest({.table = "u"}, Reader(OneRow()), {})),
            ErrorClass::kPermission);
  ASSERT_OK_AND_ASSIGN(auto tables, session_->Tables({}));
  EXPECT_TRUE(tables.empty());
}

TEST_P(EnginePolicyTest, ReadOnlySessionRefusesEveryWrite) {
  MakeDatabase();
  auto writer = session_;
  session_ = NewSession({.read_only = true});
  for (const auto& sql : Writes()) {
    EXPECT_FALSE(Run(sql).ok()) << sql;
  }
  EXPECT_EQ(ClassOf(session_->Ingest({.table = "u"}, Reader(OneRow()), {})),
            ErrorClass::kPermission);
  ExpectNothingWritten();
  session_ = writer;
  EXPECT_OK(Run("INSERT INTO t VALUES (2)"));
}

TEST_P(EnginePolicyTest, ReadOnlyCallRefusesWhatItsNameHasComeToMean) {
  MakeDatabase();
  ASSERT_OK(Run("CREATE TEMP TABLE w(i INTEGER); CREATE TABLE main.w(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(
      auto statement, session_->Prepare("INSERT INTO w VALUES (1)", {.read_only = true}));
  ASSERT_OK(statement->Update());
  ASSERT_OK(Run("DROP TABLE temp.w"));
  EXPECT_EQ(ClassOf(statement->Update()), ErrorClass::kPermission);
  EXPECT_EQ(Value("SELECT count(*) FROM w"), "0");
}

TEST_P(EnginePolicyTest, ClientsReachNoFile) {
  const std::string secret = folder_ / "secret.csv";
  tests::WriteFile(secret, "a,b\n1,2\n");
  const std::string out = folder_ / "out.csv";
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  const std::vector<std::string> statements = {
      "SELECT * FROM '" + secret + "'",
      "SELECT * FROM read_csv('" + secret + "')",
      "SELECT * FROM read_text('" + secret + "')",
      "SELECT * FROM read_blob('" + secret + "')",
      "SELECT * FROM glob('" + folder_.path() + "/*')",
      "SELECT * FROM sniff_csv('" + secret + "')",
      "SELECT * FROM parquet_metadata('" + secret + "')",
      "SELECT * FROM read_duckdb('" + secret + "')",
      "COPY t TO '" + out + "'",
      "COPY t FROM '" + secret + "'",
      "EXPORT DATABASE '" + folder_.path() + "'",
      "IMPORT DATABASE '" + folder_.path() + "'",
      "ATTACH '" + out + "' AS other",
      "LOAD '" + out + "'",
      "INSTALL httpfs",
      "FORCE INSTALL httpfs",
      "CREATE TABLE u AS FROM read_csv('" + secret + "')",
      "CREATE VIEW u AS FROM read_csv('" + secret + "')",
      "SELECT * FROM query('FROM read_csv(''" + secret + "'')')",
      "ATTACH ':memory:' AS other",
      "DETACH memory",
      "CREATE SECRET s (TYPE http)",
      "SELECT * FROM 'https://example.org/x.parquet'"};
  for (const auto& sql : statements) {
    EXPECT_FALSE(Run(sql).ok()) << sql;
  }
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_P(EnginePolicyTest, ClientsChangeNothingOfTheServer) {
  for (const char* sql : {"SET threads = 1",
                          "SET memory_limit = '1GB'",
                          "SET GLOBAL TimeZone = 'UTC'",
                          "SET enable_external_access = true",
                          "SET lock_configuration = false",
                          "SET allowed_directories = ['/']",
                          "SET temp_directory = '/'",
                          "SET custom_extension_repository = 'x'",
                          "SET autoinstall_known_extensions = true",
                          "SET log_query_path = '/tmp/x'",
                          "SET profiling_output = '/tmp/x'",
                          "RESET threads",
                          "PRAGMA threads = 1",
                          "PRAGMA enable_profiling",
                          "PRAGMA enable_logging",
                          "CALL enable_logging()",
                          "SELECT * FROM enable_logging()",
                          "SELECT write_log('x')",
                          "PRAGMA disable_checkpoint_on_shutdown",
                          "SET VARIABLE GLOBAL x = 1",
                          "PREPARE p AS SELECT 1",
                          "EXECUTE p",
                          "DEALLOCATE p"}) {
    EXPECT_FALSE(Run(sql).ok()) << sql;
  }
  EXPECT_OK(Query("PRAGMA version"));
  EXPECT_OK(Query("SELECT * FROM duckdb_settings()"));
}

TEST_P(EnginePolicyTest, InternalFunctionsAreNotForSql) {
  EXPECT_EQ(ClassOf(Query("SELECT * FROM pinion_stream()")), ErrorClass::kBinding);
}

TEST_P(EnginePolicyTest, ADatabaseFileKeepsWhatWasCommitted) {
  EngineOptions options;
  options.database_path = MakeDatabase();
  ASSERT_OK(Run("INSERT INTO t VALUES (2)"));
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK(Run("INSERT INTO t VALUES (3)", id));
  ASSERT_OK(engine_->Close());
  Open(options);
  EXPECT_EQ(Value("SELECT sum(i) FROM t"), "3");
}

TEST_P(EnginePolicyTest, ADatabaseThatCannotBeOpenedSaysWhy) {
  const auto open = [&](const std::string& path, bool read_only) {
    EngineOptions options;
    options.database_path = path;
    options.read_only = read_only;
    options.temp_directory = folder_ / "temp";
    return GetParam().create(options, catalog_).status();
  };
  tests::WriteFile(folder_ / "text.db", std::string(5000, 'x'));
  for (const auto& status :
       {open(folder_ / "text.db", false), open(folder_ / "none.db", true),
        open(folder_ / "no/such/folder.db", false)}) {
    EXPECT_FALSE(status.ok());
    EXPECT_NE(status.message().find(folder_.path()), std::string::npos) << status;
  }
}

class EngineMetadataTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    ASSERT_OK(
        Run("CREATE TABLE parent(a INTEGER, b VARCHAR, c DECIMAL(7, 3) NOT NULL, "
            "PRIMARY KEY (b, a));"
            "CREATE TABLE child(id BIGINT PRIMARY KEY, x VARCHAR, y INTEGER, "
            "up BIGINT REFERENCES child(id), "
            "FOREIGN KEY (x, y) REFERENCES parent(b, a));"
            "CREATE SCHEMA s_1; CREATE TABLE s_1.t(i INTEGER); CREATE SCHEMA sx1;"
            "CREATE VIEW v AS SELECT 1 AS one, 'x' AS two;"
            "CREATE TABLE \"100%_sure\"(i INTEGER)"));
  }

  std::vector<std::string> Names(const TableFilter& filter) {
    std::vector<std::string> names;
    auto tables = session_->Tables(filter);
    EXPECT_OK(tables);
    for (const auto& table : *tables) names.push_back(table.schema + "." + table.name);
    return names;
  }
};

using Strings = std::vector<std::string>;

TEST_P(EngineMetadataTest, ListsCatalogsAndSchemas) {
  ASSERT_OK_AND_ASSIGN(auto catalogs, session_->Catalogs());
  ASSERT_EQ(catalogs.size(), 2);
  EXPECT_EQ(catalogs[0], "datasets");
  const auto schemas = [&](const SchemaFilter& filter) {
    Strings names;
    for (const auto& schema : session_->Schemas(filter).ValueOrDie()) {
      names.push_back(schema.schema);
    }
    return names;
  };
  EXPECT_EQ(schemas({}), (Strings{"main", "main", "s_1", "sx1"}));
  EXPECT_EQ(schemas({.catalog = catalogs[1]}), (Strings{"main", "s_1", "sx1"}));
  EXPECT_EQ(schemas({.schema_pattern = "s_1"}), (Strings{"s_1", "sx1"}));
  EXPECT_EQ(schemas({.schema_pattern = "s\\_1"}), (Strings{"s_1"}));
  EXPECT_EQ(schemas({.schema_pattern = "%1"}), (Strings{"s_1", "sx1"}));
  EXPECT_EQ(schemas({.catalog = "nope"}), Strings{});
}

TEST_P(EngineMetadataTest, ListsTablesByPatternAndType) {
  EXPECT_EQ(Names({}),
            (Strings{"main.100%_sure", "main.child", "main.parent", "main.v", "s_1.t"}));
  EXPECT_EQ(Names({.table_pattern = "%a%"}), (Strings{"main.parent"}));
  EXPECT_EQ(Names({.table_pattern = "_"}), (Strings{"main.v", "s_1.t"}));
  EXPECT_EQ(Names({.table_pattern = "100\\%\\_%"}), (Strings{"main.100%_sure"}));
  EXPECT_EQ(Names({.table_pattern = "100\\_%"}), Strings{});
  EXPECT_EQ(Names({.table_pattern = "\\"}), Strings{});
  EXPECT_EQ(Names({.table_types = {"VIEW"}}), (Strings{"main.v"}));
  EXPECT_EQ(Names({.table_types = {"VIEW", "TABLE"}}).size(), 5);
  EXPECT_EQ(Names({.table_types = {"nonsense"}}), Strings{});
  EXPECT_EQ(Names({.catalog = "datasets"}), Strings{});
  EXPECT_EQ(Names({.schema_pattern = "s%"}), (Strings{"s_1.t"}));
  ASSERT_OK(Run("CREATE TEMP TABLE mine(i INTEGER)"));
  EXPECT_EQ(Names({.table_types = {"LOCAL TEMPORARY"}}), (Strings{"main.mine"}));
  ASSERT_OK_AND_ASSIGN(auto types, session_->TableTypes());
  EXPECT_EQ(types, (Strings{"LOCAL TEMPORARY", "TABLE", "VIEW"}));
}

TEST_P(EngineMetadataTest, GivesTheSchemasOfTables) {
  ASSERT_OK_AND_ASSIGN(auto tables, session_->Tables({.include_schema = true}));
  for (const auto& table : tables) {
    ASSERT_NE(table.table_schema, nullptr);
    ASSERT_OK_AND_ASSIGN(auto stream, Stream("SELECT * FROM \"" + table.schema + "\".\"" +
                                             table.name + "\""));
    ASSERT_EQ(table.table_schema->num_fields(), stream->schema()->num_fields());
    for (int i = 0; i < stream->schema()->num_fields(); ++i) {
      const auto& field = *table.table_schema->field(i);
      EXPECT_EQ(field.name(), stream->schema()->field(i)->name());
      EXPECT_TRUE(field.type()->Equals(stream->schema()->field(i)->type()));
      EXPECT_EQ(field.metadata()->Get(column_metadata::kTableName).ValueOrDie(),
                table.name);
    }
  }
  ASSERT_EQ(tables[2].name, "parent");
  const auto& parent = *tables[2].table_schema;
  EXPECT_FALSE(parent.field(0)->nullable());
  EXPECT_FALSE(parent.field(2)->nullable());
  EXPECT_EQ(parent.field(2)->metadata()->Get(column_metadata::kTypeName).ValueOrDie(),
            "DECIMAL(7,3)");
  EXPECT_EQ(parent.field(2)->metadata()->Get(column_metadata::kPrecision).ValueOrDie(),
            "7");
  EXPECT_EQ(parent.field(2)->metadata()->Get(column_metadata::kScale).ValueOrDie(), "3");
  ASSERT_EQ(tables[1].name, "child");
  EXPECT_TRUE(tables[1].table_schema->field(1)->nullable());
}

TEST_P(EngineMetadataTest, ListsPrimaryKeysInTheirOrder) {
  ASSERT_OK_AND_ASSIGN(auto keys, session_->PrimaryKeys({.table = "parent"}));
  ASSERT_EQ(keys.size(), 2);
  EXPECT_EQ(keys[0].column, "b");
  EXPECT_EQ(keys[0].key_sequence, 1);
  EXPECT_EQ(keys[1].column, "a");
  EXPECT_EQ(keys[1].key_sequence, 2);
  EXPECT_TRUE(keys[0].key_name.has_value());
  EXPECT_EQ(keys[0].key_name, keys[1].key_name);
  ASSERT_OK_AND_ASSIGN(keys, session_->PrimaryKeys({.schema = "s_1", .table = "parent"}));
  EXPECT_TRUE(keys.empty());
}

TEST_P(EngineMetadataTest, ListsForeignKeysFromBothSides) {
  const auto text = [](const std::vector<ForeignKeyEntry>& keys) {
    Strings lines;
    for (const auto& key : keys) {
      lines.push_back(key.fk_table + "." + key.fk_column + " " +
                      std::to_string(key.key_sequence) + " " + key.pk_table + "." +
                      key.pk_column);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  const Strings to_parent = {"child.x 1 parent.b", "child.y 2 parent.a"};
  const Strings to_child = {"child.up 1 child.id"};
  Strings all = to_child;
  all.insert(all.end(), to_parent.begin(), to_parent.end());
  ASSERT_OK_AND_ASSIGN(auto imported, session_->ImportedKeys({.table = "child"}));
  EXPECT_EQ(text(imported), all);
  ASSERT_OK_AND_ASSIGN(auto exported, session_->ExportedKeys({.table = "parent"}));
  EXPECT_EQ(text(exported), to_parent);
  EXPECT_TRUE(exported[0].fk_key_name && exported[0].pk_key_name);
  ASSERT_OK_AND_ASSIGN(exported, session_->ExportedKeys({.table = "child"}));
  EXPECT_EQ(text(exported), to_child);
  ASSERT_OK_AND_ASSIGN(auto cross,
                       session_->CrossReference({.table = "parent"}, {.table = "child"}));
  EXPECT_EQ(text(cross), to_parent);
  ASSERT_OK_AND_ASSIGN(cross,
                       session_->CrossReference({.table = "child"}, {.table = "parent"}));
  EXPECT_TRUE(cross.empty());
}

TEST_P(EngineMetadataTest, ListsTypesByCode) {
  ASSERT_OK_AND_ASSIGN(auto all, session_->Types(std::nullopt));
  EXPECT_GT(all.size(), 20);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.data_type < b.data_type;
  }));
  for (const auto& type : all) {
    const std::string parameters = type.type_name == "DECIMAL" ? "(38, 3)" : "";
    EXPECT_OK(Query("SELECT NULL::" + type.type_name + parameters));
  }
  ASSERT_OK_AND_ASSIGN(auto integers, session_->Types(4));
  EXPECT_EQ(integers.size(), 2);
  ASSERT_OK_AND_ASSIGN(auto none, session_->Types(4711));
  EXPECT_TRUE(none.empty());
}

TEST_P(EngineMetadataTest, InfoNamesFunctionsAndKeywordsThatExist) {
  const auto& info = engine_->info();
  EXPECT_FALSE(info.name.empty());
  EXPECT_FALSE(info.version.empty());
  const auto has = [](const Strings& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  EXPECT_TRUE(has(info.numeric_functions, "sqrt"));
  EXPECT_TRUE(has(info.string_functions, "upper"));
  EXPECT_TRUE(has(info.datetime_functions, "date_trunc") ||
              has(info.datetime_functions, "year"));
  EXPECT_TRUE(has(info.system_functions, "version"));
  EXPECT_TRUE(has(info.keywords, "qualify"));
}

INSTANTIATE_TEST_SUITE_P(All, EnginePolicyTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineMetadataTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine
