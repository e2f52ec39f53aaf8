// What a program sees of the server through database/sql, with arrow-go's driver.
// PINION_URI names the server, which serves the dataset "sample" of 5000 rows.
package databasesql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/driver"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Endless, unless somebody ends it.
const endless = `SELECT count(*) AS n FROM range(10000000) a, range(10000000) b
	WHERE hash(a.range, b.range) = 42`

func open(t *testing.T) *sql.DB {
	address := strings.TrimPrefix(os.Getenv("PINION_URI"), "grpc://")
	database, err := sql.Open("flightsql", "flightsql://"+address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	return database
}

func exec(t *testing.T, database *sql.DB, sql string, arguments ...any) sql.Result {
	result, err := database.Exec(sql, arguments...)
	require.NoError(t, err, sql)
	return result
}

func codeOf(err error) codes.Code {
	for ; err != nil; err = errors.Unwrap(err) {
		if found, ok := err.(interface{ GRPCStatus() *status.Status }); ok {
			return found.GRPCStatus().Code()
		}
	}
	return codes.OK
}

// One number of a query, to look whether the connection still works.
func number(t *testing.T, database *sql.DB, query string, arguments ...any) int64 {
	var value int64
	require.NoError(t, database.QueryRow(query, arguments...).Scan(&value), query)
	return value
}

func TestRowsOfADataset(t *testing.T) {
	rows, err := open(t).Query("SELECT id, name, is_active FROM sample ORDER BY id")
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id", "name", "is_active"}, columns)
	count, nulls := int64(0), 0
	for rows.Next() {
		var id int64
		var name string
		var active sql.NullBool
		require.NoError(t, rows.Scan(&id, &name, &active))
		count++
		require.Equal(t, count, id)
		require.NotEmpty(t, name)
		if !active.Valid {
			nulls++
		}
	}
	require.NoError(t, rows.Err())
	require.EqualValues(t, 5000, count)
	require.Positive(t, nulls)
}

func TestValuesOfEveryTypeThatTheDriverKnows(t *testing.T) {
	var (
		truth        bool
		tiny         int8
		small        int16
		whole        int32
		big          int64
		single       float32
		double       float64
		decimal      float64
		text         string
		bytes        []byte
		moment, zone time.Time
		nothing      any
	)
	require.NoError(t, open(t).QueryRow(`SELECT true, (-128)::TINYINT, 32767::SMALLINT,
		(-2147483648)::INTEGER, 9223372036854775807, 1.5::FLOAT, 0.1::DOUBLE,
		12.25::DECIMAL(10, 2), 'Zürich 🚲', '\x00\xFF'::BLOB,
		TIMESTAMP '2020-02-29 12:30:00.123456',
		TIMESTAMPTZ '2020-02-29 12:30:00+05:30', NULL::BIGINT`).Scan(
		&truth, &tiny, &small, &whole, &big, &single, &double, &decimal, &text, &bytes,
		&moment, &zone, &nothing))
	require.True(t, truth)
	require.EqualValues(t, -128, tiny)
	require.EqualValues(t, 32767, small)
	require.EqualValues(t, math.MinInt32, whole)
	require.EqualValues(t, math.MaxInt64, big)
	require.EqualValues(t, 1.5, single)
	require.Equal(t, 0.1, double)
	require.Equal(t, 12.25, decimal)
	require.Equal(t, "Zürich 🚲", text)
	require.Equal(t, []byte{0, 255}, bytes)
	require.True(t, moment.Equal(time.Date(2020, 2, 29, 12, 30, 0, 123456000, time.UTC)))
	require.True(t, zone.Equal(time.Date(2020, 2, 29, 7, 0, 0, 0, time.UTC)))
	require.Nil(t, nothing)
}

// A limit of the driver's, which it tells: dates, unsigned numbers and nested values.
func TestTypesThatTheDriverDoesNotKnowAreErrors(t *testing.T) {
	for _, value := range []string{"DATE '2020-02-29'", "1::UINTEGER", "[1, 2]", "{'a': 1}"} {
		var into any
		err := open(t).QueryRow("SELECT " + value).Scan(&into)
		require.ErrorIs(t, err, driver.ErrNotSupported, value)
	}
}

func TestParametersKeepTheirType(t *testing.T) {
	database := open(t)
	require.EqualValues(t, math.MaxInt64,
		number(t, database, "SELECT ?::BIGINT + 1", int64(math.MaxInt64-1)))
	require.EqualValues(t, 2,
		number(t, database, "SELECT count(*) FROM sample WHERE id > ? AND id <= ?",
			int64(10), int64(12)))
	var text string
	var double float64
	var truth bool
	require.NoError(t, database.QueryRow("SELECT ? || '!', ?::DOUBLE, ?::BOOLEAN",
		"O'Hara; DROP TABLE x --", 0.1, true).Scan(&text, &double, &truth))
	require.Equal(t, "O'Hara; DROP TABLE x --!", text)
	require.Equal(t, 0.1, double)
	require.True(t, truth)
}

func TestTooFewParametersAreRefused(t *testing.T) {
	database := open(t)
	_, err := database.Query("SELECT ?::BIGINT + ?::BIGINT", int64(1))
	require.ErrorContains(t, err, "expected 2 arguments, got 1")
	require.EqualValues(t, 42, number(t, database, "SELECT 42::BIGINT"))
}

func TestAStatementIsPreparedOnceAndRunOften(t *testing.T) {
	database := open(t)
	statement, err := database.Prepare("SELECT id FROM sample WHERE id = ?")
	require.NoError(t, err)
	defer statement.Close()
	for id := int64(1); id <= 50; id++ {
		var found int64
		require.NoError(t, statement.QueryRow(id).Scan(&found))
		require.Equal(t, id, found)
	}
	var found int64
	require.ErrorIs(t, statement.QueryRow(int64(-1)).Scan(&found), sql.ErrNoRows)
}

func TestChangesTellHowManyRowsTheyTouched(t *testing.T) {
	database := open(t)
	exec(t, database, "CREATE TABLE go_changed (id BIGINT PRIMARY KEY, name VARCHAR)")
	defer exec(t, database, "DROP TABLE go_changed")
	count, err := exec(t, database,
		"INSERT INTO go_changed SELECT range, 'x' FROM range(10)").RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 10, count)
	count, err = exec(t, database, "UPDATE go_changed SET name = ? WHERE id >= ?",
		"y", int64(7)).RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 3, count)
	_, err = exec(t, database, "DELETE FROM go_changed").LastInsertId()
	require.ErrorIs(t, err, driver.ErrNotSupported)
}

func TestACommitIsSeenByOthersAndNotBefore(t *testing.T) {
	database, other := open(t), open(t)
	exec(t, database, "CREATE TABLE go_committed (id BIGINT)")
	defer exec(t, database, "DROP TABLE go_committed")
	transaction, err := database.Begin()
	require.NoError(t, err)
	_, err = transaction.Exec("INSERT INTO go_committed VALUES (?)", int64(1))
	require.NoError(t, err)
	var inside int64
	require.NoError(t,
		transaction.QueryRow("SELECT count(*) FROM go_committed").Scan(&inside))
	require.EqualValues(t, 1, inside)
	require.EqualValues(t, 0, number(t, other, "SELECT count(*) FROM go_committed"))
	require.NoError(t, transaction.Commit())
	require.EqualValues(t, 1, number(t, other, "SELECT count(*) FROM go_committed"))
}

func TestARollbackLeavesNothing(t *testing.T) {
	database := open(t)
	database.SetMaxOpenConns(1) // the connection is used again after each transaction
	exec(t, database, "CREATE TABLE go_rolled_back (id BIGINT PRIMARY KEY)")
	defer exec(t, database, "DROP TABLE go_rolled_back")
	for range 3 {
		transaction, err := database.Begin()
		require.NoError(t, err)
		_, err = transaction.Exec("INSERT INTO go_rolled_back VALUES (1)")
		require.NoError(t, err)
		_, err = transaction.Exec("INSERT INTO go_rolled_back VALUES (1)")
		require.Equal(t, codes.InvalidArgument, codeOf(err), err)
		require.NoError(t, transaction.Rollback())
		require.EqualValues(t, 0, number(t, database, "SELECT count(*) FROM go_rolled_back"))
	}
}

func TestResultsMayBeOpenSideBySide(t *testing.T) {
	database := open(t)
	results := []*sql.Rows{}
	for place := range 4 {
		rows, err := database.Query(
			fmt.Sprintf("SELECT range * 4 + %d FROM range(100000)", place))
		require.NoError(t, err)
		defer rows.Close()
		results = append(results, rows)
	}
	for row := range 100000 {
		for place, rows := range results {
			require.True(t, rows.Next())
			var value int64
			require.NoError(t, rows.Scan(&value))
			if value != int64(row*4+place) {
				t.Fatalf("row %d of result %d is %d", row, place, value)
			}
		}
	}
	for _, rows := range results {
		require.False(t, rows.Next())
		require.NoError(t, rows.Err())
	}
}

func TestACancelledContextEndsTheWork(t *testing.T) {
	database := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	var count int64
	err := database.QueryRowContext(ctx, endless).Scan(&count)
	require.Error(t, err)
	require.EqualValues(t, 42, number(t, database, "SELECT 42::BIGINT"))
}

func TestADeadlineEndsTheWork(t *testing.T) {
	database := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var count int64
	err := database.QueryRowContext(ctx, endless).Scan(&count)
	require.Error(t, err)
	require.EqualValues(t, 42, number(t, database, "SELECT 42::BIGINT"))
}

func TestErrorsHaveTheirCode(t *testing.T) {
	database := open(t)
	exec(t, database, "CREATE TABLE go_errors (id BIGINT NOT NULL)")
	defer exec(t, database, "DROP TABLE go_errors")
	for query, code := range map[string]codes.Code{
		"SELEC 1":                             codes.InvalidArgument,
		"SELECT * FROM no_such":               codes.NotFound,
		"SELECT 'abc'::INTEGER":               codes.InvalidArgument,
		"INSERT INTO go_errors VALUES (NULL)": codes.InvalidArgument,
		"CREATE TABLE go_errors (id BIGINT)":  codes.AlreadyExists,
		"INSTALL httpfs":                      codes.PermissionDenied,
	} {
		_, err := database.Exec(query)
		require.Equal(t, code, codeOf(err), "%s: %v", query, err)
		require.EqualValues(t, 42, number(t, database, "SELECT 42::BIGINT"))
	}
}
