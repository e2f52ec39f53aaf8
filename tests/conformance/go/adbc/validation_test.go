// The validation suite that ADBC has for its drivers, by the Flight SQL driver in Go.
// PINION_URI names the server; what it is to say of itself is in the environment too.
package adbc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-adbc/go/adbc"
	driver "github.com/apache/arrow-adbc/go/adbc/driver/flightsql"
	"github.com/apache/arrow-adbc/go/adbc/validation"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"github.com/stretchr/testify/suite"
)

// What the suite may expect of the server, and of the driver with it.
type quirks struct {
	memory  *memory.CheckedAllocator
	samples []string
}

func (q *quirks) SetupDriver(*testing.T) adbc.Driver {
	q.memory = memory.NewCheckedAllocator(memory.DefaultAllocator)
	return driver.NewDriver(q.memory)
}

// All tests share one server: each leaves it as it was.
func (q *quirks) TearDownDriver(t *testing.T, _ adbc.Driver) {
	require.NoError(t, q.withConnection(func(connection adbc.Connection) error {
		for _, table := range q.samples {
			if err := q.DropTable(connection, table); err != nil {
				return err
			}
		}
		return nil
	}))
	q.samples = nil
	q.memory.AssertSize(t, 0)
}

func (q *quirks) DatabaseOptions() map[string]string {
	return map[string]string{
		adbc.OptionKeyURI:             os.Getenv("PINION_URI"),
		driver.OptionCookieMiddleware: adbc.OptionValueEnabled,
	}
}

func (q *quirks) withConnection(do func(adbc.Connection) error) (err error) {
	database, err := driver.NewDriver(q.memory).NewDatabase(q.DatabaseOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	connection, err := database.Open(context.Background())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return do(connection)
}

func update(connection adbc.Connection, sql string, rows arrow.RecordBatch) (count int64, err error) {
	statement, err := connection.NewStatement()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	if err = statement.SetSqlQuery(sql); err != nil {
		return 0, err
	}
	if rows != nil {
		if err = statement.Prepare(context.Background()); err != nil {
			return 0, err
		}
		if err = statement.Bind(context.Background(), rows); err != nil {
			return 0, err
		}
	}
	return statement.ExecuteUpdate(context.Background())
}

func quoted(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func sqlTypeOf(kind arrow.DataType) string {
	if kind.ID() == arrow.STRING {
		return "VARCHAR"
	}
	return "BIGINT"
}

func (q *quirks) CreateSampleTable(name string, rows arrow.RecordBatch) error {
	q.samples = append(q.samples, name)
	columns, places := []string{}, []string{}
	for place, field := range rows.Schema().Fields() {
		columns = append(columns, quoted(field.Name)+" "+sqlTypeOf(field.Type))
		places = append(places, q.BindParameter(place))
	}
	return q.withConnection(func(connection adbc.Connection) error {
		sql := fmt.Sprintf("CREATE TABLE %s (%s)", quoted(name), strings.Join(columns, ", "))
		if _, err := update(connection, sql, nil); err != nil {
			return err
		}
		sql = fmt.Sprintf("INSERT INTO %s VALUES (%s)", quoted(name), strings.Join(places, ", "))
		count, err := update(connection, sql, rows)
		if err == nil && count != rows.NumRows() {
			err = fmt.Errorf("%d of %d rows were inserted", count, rows.NumRows())
		}
		return err
	})
}

func (q *quirks) DropTable(connection adbc.Connection, name string) error {
	_, err := update(connection, "DROP TABLE IF EXISTS "+quoted(name), nil)
	return err
}

func (q *quirks) Alloc() memory.Allocator        { return q.memory }
func (q *quirks) BindParameter(index int) string { return fmt.Sprintf("$%d", index+1) }

// This version of the driver has no ingestion; the one that Python's is made of has.
func (q *quirks) SupportsBulkIngest(string) bool              { return false }
func (q *quirks) SupportsErrorIngestIncompatibleSchema() bool { return false }

// The driver answers that it has none.
func (q *quirks) SupportsStatistics() bool { return false }

func (q *quirks) SupportsConcurrentStatements() bool    { return true }
func (q *quirks) SupportsCurrentCatalogSchema() bool    { return true }
func (q *quirks) SupportsExecuteSchema() bool           { return true }
func (q *quirks) SupportsGetSetOptions() bool           { return true }
func (q *quirks) SupportsPartitionedData() bool         { return true }
func (q *quirks) SupportsTransactions() bool            { return true }
func (q *quirks) SupportsGetParameterSchema() bool      { return true }
func (q *quirks) SupportsDynamicParameterBinding() bool { return true }
func (q *quirks) Catalog() string                       { return os.Getenv("PINION_CATALOG") }
func (q *quirks) DBSchema() string                      { return "main" }

func (q *quirks) GetMetadata(code adbc.InfoCode) any {
	switch code {
	case adbc.InfoDriverName:
		return "ADBC Flight SQL Driver - Go"
	// A test program does not know the versions of its modules.
	case adbc.InfoDriverVersion, adbc.InfoDriverArrowVersion:
		return "(unknown or development build)"
	case adbc.InfoDriverADBCVersion:
		return adbc.AdbcVersion1_1_0
	case adbc.InfoVendorName:
		return os.Getenv("PINION_NAME")
	case adbc.InfoVendorVersion:
		return os.Getenv("PINION_VERSION")
	case adbc.InfoVendorArrowVersion:
		return os.Getenv("PINION_ARROW_VERSION")
	}
	return nil
}

func (q *quirks) SampleTableSchemaMetadata(table string, kind arrow.DataType) arrow.Metadata {
	metadata := map[string]string{
		flightsql.CatalogNameKey: q.Catalog(),
		flightsql.SchemaNameKey:  q.DBSchema(),
		flightsql.TableNameKey:   table,
		flightsql.TypeNameKey:    sqlTypeOf(kind),
	}
	if kind.ID() == arrow.INT64 {
		metadata[flightsql.PrecisionKey] = "19"
		metadata[flightsql.ScaleKey] = "0"
	}
	return arrow.MetadataFrom(metadata)
}

func TestDatabases(t *testing.T) {
	suite.Run(t, &validation.DatabaseTests{Quirks: &quirks{}})
}

func TestConnections(t *testing.T) {
	suite.Run(t, &validation.ConnectionTests{Quirks: &quirks{}})
}

func TestStatements(t *testing.T) {
	suite.Run(t, &validation.StatementTests{Quirks: &quirks{}})
}
