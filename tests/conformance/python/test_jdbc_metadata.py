"""java.sql.DatabaseMetaData, whole: what a BI tool asks of a JDBC driver before it shows
anything. Where the published driver has a limit of its own, the test says which."""

import data_files
import duckdb
import pytest
import server_process
from jdbc import JavaError, strings

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)

TABLES = [
    "CREATE TABLE parent (id BIGINT, code VARCHAR NOT NULL, PRIMARY KEY (code, id))",
    """CREATE TABLE child (
        n INTEGER NOT NULL UNIQUE, parent_id BIGINT, parent_code VARCHAR,
        price DECIMAL(10, 2) DEFAULT 1, happened TIMESTAMP, day DATE, clock TIME,
        zoned TIMESTAMPTZ, tiny TINYINT, small SMALLINT, single FLOAT, double DOUBLE,
        truth BOOLEAN NOT NULL, raw BLOB, tags VARCHAR[], pair STRUCT(a INTEGER), id UUID,
        FOREIGN KEY (parent_code, parent_id) REFERENCES parent (code, id))""",
    "CREATE SCHEMA other_schema",
    "CREATE TABLE other_schema.x_y (id BIGINT)",
    "CREATE TABLE other_schema.xzy (id BIGINT)",
    "CREATE VIEW other_schema.seen AS SELECT id AS number FROM parent",
]


@pytest.fixture(scope="module")
def connection(jdbc, tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "sample.feather"
    data_files.write_sample(path, 10)
    with server_process.ServerProcess([path]) as server:
        connection = jdbc.connect(server.uri)
        statement = connection.createStatement()
        for sql in TABLES:
            assert statement.executeUpdate(sql) == 0
        statement.close()
        yield connection
        # The driver forgets the memory of what it makes of metadata, and then counts it.
        with pytest.raises(JavaError, match="Memory was leaked"):
            connection.close()


@pytest.fixture
def metadata(connection):
    return connection.getMetaData()


@pytest.fixture(scope="module")
def database():
    """The same tables in a DuckDB in this process."""
    with duckdb.connect() as database:
        for sql in TABLES:
            database.execute(sql)
        yield database


def picked(rows, *columns):
    return [tuple(row[column] for column in columns) for row in rows.all()]


def catalog_of(metadata):
    (found,) = {row["TABLE_CAT"] for row in metadata.getTables(None, None, "parent", None).all()}
    return found


# What it is.


def test_the_product_is_named_with_its_version(metadata, connection):
    assert metadata.getDatabaseProductName() == "DuckDB"
    rows = connection.createStatement().executeQuery("SELECT version() AS v")
    assert [metadata.getDatabaseProductVersion()] == [row["v"] for row in rows.all()]


def test_the_driver_is_the_published_one(metadata):
    assert metadata.getDriverName() == "Arrow Flight SQL JDBC Driver Core"
    assert metadata.getDriverVersion() == "18.3.0"
    assert metadata.getURL().startswith("jdbc:arrow-flight-sql://")
    # The driver tells its own version as the database's.
    assert (metadata.getDatabaseMajorVersion(), metadata.getDatabaseMinorVersion()) == (18, 3)


def test_words_of_the_dialect(metadata):
    assert metadata.getIdentifierQuoteString() == '"'
    assert metadata.getSearchStringEscape() == "\\"
    assert metadata.getCatalogSeparator() == "."
    assert metadata.isCatalogAtStart()
    assert metadata.getSchemaTerm() == "schema"
    assert metadata.getCatalogTerm() == "database"
    assert not metadata.isReadOnly()


def test_keywords_and_functions_are_duckdbs(metadata, connection):
    def of(text):
        return set(text.split(", "))

    def selected(sql):
        return {row["name"] for row in connection.createStatement().executeQuery(sql).all()}

    keywords = of(metadata.getSQLKeywords())
    assert keywords <= selected("SELECT keyword_name AS name FROM duckdb_keywords()")
    assert {"select", "qualify", "asof"} <= keywords
    functions = selected("SELECT DISTINCT function_name AS name FROM duckdb_functions()")
    for text, example in [
        (metadata.getNumericFunctions(), "abs"),
        (metadata.getStringFunctions(), "upper"),
        (metadata.getSystemFunctions(), "current_schema"),
        (metadata.getTimeDateFunctions(), "date_trunc"),
    ]:
        assert example in of(text)
        assert of(text) <= functions, of(text) - functions


SUPPORTED = {
    "allTablesAreSelectable": True,
    "dataDefinitionCausesTransactionCommit": False,
    "dataDefinitionIgnoredInTransactions": False,
    "locatorsUpdateCopy": False,
    "nullPlusNonNullIsNull": True,
    "supportsANSI92EntryLevelSQL": True,
    "supportsBatchUpdates": True,
    "supportsCatalogsInDataManipulation": True,
    "supportsCatalogsInIndexDefinitions": True,
    "supportsCatalogsInTableDefinitions": True,
    "supportsColumnAliasing": True,
    "supportsCorrelatedSubqueries": True,
    "supportsExpressionsInOrderBy": True,
    "supportsFullOuterJoins": True,
    "supportsGroupBy": True,
    "supportsGroupByUnrelated": True,
    "supportsIntegrityEnhancementFacility": True,
    "supportsLikeEscapeClause": True,
    "supportsMinimumSQLGrammar": True,
    "supportsNonNullableColumns": True,
    "supportsOrderByUnrelated": True,
    "supportsOuterJoins": True,
    "supportsPositionedDelete": False,
    "supportsPositionedUpdate": False,
    "supportsSavepoints": False,
    "supportsSchemasInDataManipulation": True,
    "supportsSchemasInTableDefinitions": True,
    "supportsSelectForUpdate": False,
    "supportsStoredFunctionsUsingCallSyntax": False,
    "supportsStoredProcedures": False,
    "supportsSubqueriesInComparisons": True,
    "supportsSubqueriesInExists": True,
    "supportsSubqueriesInIns": True,
    "supportsSubqueriesInQuantifieds": True,
    "supportsTableCorrelationNames": True,
    "supportsUnion": True,
    "supportsUnionAll": True,
    # The server's: by their handles. The driver has no calls for them, see the statements.
    "supportsTransactions": True,
    # The driver's own, whatever the server says.
    "supportsGetGeneratedKeys": False,
    "supportsMultipleOpenResults": False,
    "supportsMultipleResultSets": False,
    "usesLocalFiles": False,
}


@pytest.mark.parametrize("question", SUPPORTED)
def test_what_is_supported(metadata, question):
    assert getattr(metadata, question)() is SUPPORTED[question]


UNLIMITED = [
    "BinaryLiteralLength", "CatalogNameLength", "CharLiteralLength", "ColumnNameLength",
    "ColumnsInGroupBy", "ColumnsInIndex", "ColumnsInOrderBy", "ColumnsInSelect",
    "ColumnsInTable", "CursorNameLength", "IndexLength", "ProcedureNameLength", "RowSize",
    "SchemaNameLength", "StatementLength", "TableNameLength", "TablesInSelect", "UserNameLength",
]  # fmt: skip


def test_limits_are_none_or_a_number(metadata):
    limits = {name: getattr(metadata, f"getMax{name}")() for name in UNLIMITED}
    assert all(isinstance(limit, int) and limit >= 0 for limit in limits.values()), limits
    assert metadata.getMaxConnections() > 0
    assert isinstance(metadata.doesMaxRowSizeIncludeBlobs(), bool)


def test_conversions_can_be_asked_for(metadata):
    # java.sql.Types: INTEGER 4, VARCHAR 12.
    assert isinstance(metadata.supportsConvert(), bool)
    assert isinstance(metadata.supportsConvert(4, 12), bool)


def test_isolation_is_that_of_snapshots(metadata):
    # java.sql.Connection: TRANSACTION_REPEATABLE_READ 4, SERIALIZABLE 8.
    assert metadata.supportsTransactionIsolationLevel(4)
    assert not metadata.supportsTransactionIsolationLevel(1)
    assert isinstance(metadata.getDefaultTransactionIsolation(), int)


# What is there.


def test_catalogs(metadata):
    catalogs = picked(metadata.getCatalogs(), "TABLE_CAT")
    assert (catalog_of(metadata),) in catalogs
    assert catalogs == sorted(set(catalogs))


def test_schemas_by_pattern(metadata):
    catalog = catalog_of(metadata)
    schemas = picked(metadata.getSchemas(), "TABLE_CATALOG", "TABLE_SCHEM")
    assert {(catalog, "main"), (catalog, "other_schema")} <= set(schemas)
    found = metadata.getSchemas(catalog, "other\\_%")
    assert picked(found, "TABLE_SCHEM") == [("other_schema",)]
    assert metadata.getSchemas("no such catalog", None).all() == []


def test_table_types(metadata):
    assert {("TABLE",), ("VIEW",)} <= set(picked(metadata.getTableTypes(), "TABLE_TYPE"))


def test_tables_with_their_columns_of_metadata(metadata):
    (row,) = metadata.getTables(None, None, "parent", None).all()
    assert list(row) == [
        "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS", "TYPE_CAT",
        "TYPE_SCHEM", "TYPE_NAME", "SELF_REFERENCING_COL_NAME", "REF_GENERATION",
    ]  # fmt: skip
    assert (row["TABLE_SCHEM"], row["TABLE_NAME"], row["TABLE_TYPE"]) == ("main", "parent", "TABLE")


def tables(metadata, *arguments):
    return [row[0] for row in picked(metadata.getTables(*arguments), "TABLE_NAME")]


def test_tables_by_pattern_and_type(metadata):
    everything = tables(metadata, None, None, "%", None)
    assert {"sample", "parent", "child", "x_y", "xzy", "seen"} <= set(everything)
    assert tables(metadata, None, None, None, None) == everything
    assert tables(metadata, None, "other_schema", "x_y", None) == ["x_y", "xzy"]
    assert tables(metadata, None, None, "x\\_y", None) == ["x_y"]
    assert tables(metadata, catalog_of(metadata), "main", "c%", None) == ["child"]
    assert tables(metadata, None, None, "%", strings(["TABLE"])) == [
        name for name in everything if name not in ("sample", "seen")
    ]
    assert "seen" in tables(metadata, None, None, "%", strings(["VIEW"]))
    both = tables(metadata, None, "other_schema", "%", strings(["VIEW", "TABLE"]))
    assert sorted(both) == ["seen", "x_y", "xzy"]
    assert tables(metadata, None, None, "%", strings(["NO SUCH TYPE"])) == []
    assert tables(metadata, "no such catalog", None, "%", None) == []


# java.sql.Types and sizes by DuckDB's name of a type.
COLUMN_TYPES = {
    "INTEGER": (4, 10, 0), "BIGINT": (-5, 19, 0), "VARCHAR": (12, 65536, None),
    "DECIMAL(10,2)": (3, 10, 2), "TIMESTAMP": (93, 26, 6), "DATE": (91, 10, 0),
    "TIME": (92, 15, 6), "TIMESTAMP WITH TIME ZONE": (2014, 26, 6), "TINYINT": (-6, 3, 0),
    "SMALLINT": (5, 5, 0), "FLOAT": (6, None, None), "DOUBLE": (8, None, None),
    "BOOLEAN": (16, None, None), "BLOB": (-3, 65536, None), "VARCHAR[]": (2003, None, None),
    "STRUCT(a INTEGER)": (2000, None, None), "UUID": (12, 65536, None),
}  # fmt: skip


def test_columns_are_those_that_duckdb_has(metadata, database):
    rows = metadata.getColumns(None, "main", "child", "%").all()
    expected = database.sql("""
        SELECT column_name, data_type, is_nullable, ordinal_position
        FROM information_schema.columns WHERE table_name = 'child' ORDER BY ordinal_position
    """).fetchall()
    assert [
        (row["COLUMN_NAME"], row["TYPE_NAME"], row["IS_NULLABLE"], row["ORDINAL_POSITION"])
        for row in rows
    ] == expected
    assert [row["NULLABLE"] for row in rows] == [int(row[2] == "YES") for row in expected]
    for row, (_, kind, _, _) in zip(rows, expected, strict=True):
        actual = (row["DATA_TYPE"], row["COLUMN_SIZE"], row["DECIMAL_DIGITS"])
        assert actual == COLUMN_TYPES[kind], kind
        assert (row["TABLE_SCHEM"], row["TABLE_NAME"]) == ("main", "child")


def test_columns_by_pattern(metadata):
    def columns(*arguments):
        return picked(metadata.getColumns(*arguments), "TABLE_NAME", "COLUMN_NAME")

    assert columns(None, None, "child", "parent%") == [
        ("child", "parent_id"), ("child", "parent_code"),
    ]  # fmt: skip
    assert columns(None, None, "x\\_y", None) == [("x_y", "id")]
    assert columns(None, "other_schema", "%", "number") == [("seen", "number")]
    assert len(columns(None, None, "sample", None)) == 6
    assert columns(None, None, "child", "no such column") == []


def test_primary_keys_in_their_order(metadata):
    keys = metadata.getPrimaryKeys(None, None, "parent")
    assert picked(keys, "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ") == [
        ("parent", "code", 1), ("parent", "id", 2),
    ]  # fmt: skip
    assert metadata.getPrimaryKeys(None, "main", "child").all() == []
    assert metadata.getPrimaryKeys(None, None, "no such table").all() == []


def test_foreign_keys_from_both_sides(metadata):
    columns = (
        "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ",
        "UPDATE_RULE", "DELETE_RULE",
    )  # fmt: skip
    no_action = 3
    expected = [
        ("parent", "code", "child", "parent_code", 1, no_action, no_action),
        ("parent", "id", "child", "parent_id", 2, no_action, no_action),
    ]
    assert picked(metadata.getImportedKeys(None, None, "child"), *columns) == expected
    assert picked(metadata.getExportedKeys(None, None, "parent"), *columns) == expected
    across = metadata.getCrossReference(None, None, "parent", None, None, "child")
    assert picked(across, *columns) == expected
    assert metadata.getImportedKeys(None, None, "parent").all() == []
    assert metadata.getExportedKeys(None, None, "child").all() == []
    assert metadata.getCrossReference(None, None, "child", None, None, "parent").all() == []


# Flight SQL has no command for these, or the driver does not use it (GetXdbcTypeInfo): it
# answers with no row, and does not ask the server.
EMPTY = {
    "getAttributes": (None, None, "%", "%"),
    "getBestRowIdentifier": (None, None, "parent", 0, True),
    "getClientInfoProperties": (),
    "getColumnPrivileges": (None, None, "parent", "%"),
    "getFunctionColumns": (None, None, "%", "%"),
    "getFunctions": (None, None, "%"),
    "getIndexInfo": (None, None, "parent", False, False),
    "getProcedureColumns": (None, None, "%", "%"),
    "getProcedures": (None, None, "%"),
    "getPseudoColumns": (None, None, "%", "%"),
    "getSuperTables": (None, None, "%"),
    "getSuperTypes": (None, None, "%"),
    "getTablePrivileges": (None, None, "%"),
    "getTypeInfo": (),
    "getUDTs": (None, None, "%", None),
    "getVersionColumns": (None, None, "parent"),
}


@pytest.mark.parametrize("question", EMPTY)
def test_what_the_driver_leaves_empty(metadata, question):
    assert getattr(metadata, question)(*EMPTY[question]).all() == []


def test_a_result_of_metadata_is_one_like_any_other(metadata):
    rows = metadata.getTables(None, "other_schema", "%", None)
    assert rows.next()
    assert rows.getString("TABLE_NAME") == rows.getString(3)
    assert rows.getString("REMARKS") is None
    assert rows.wasNull()
    with pytest.raises(JavaError, match="no such column"):
        rows.getString("no such column")
    rows.close()
