package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/schema_ref"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// What every step may hold. The kind is the one of the upper fields that is there.
type stepOf struct {
	Scenario    *string       `json:"scenario"`
	Query       *string       `json:"query"`
	Update      *string       `json:"update"`
	AsQuery     *string       `json:"as_query"`
	Many        *string       `json:"many"`
	Drain       *string       `json:"drain"`
	Open        *string       `json:"open"`
	Read        *string       `json:"read"`
	Rest        *string       `json:"rest"`
	Cancel      *string       `json:"cancel"`
	CancelWhile *string       `json:"cancel_while"`
	Ingest      *string       `json:"ingest"`
	Begin       *string       `json:"begin"`
	Commit      *string       `json:"commit"`
	Rollback    *string       `json:"rollback"`
	Tables      *tablesWanted `json:"tables"`
	TableSchema *string       `json:"table_schema"`
	Prepare     *string       `json:"prepare"`
	SetSchema   *string       `json:"set_schema"`

	On             string          `json:"on"`
	In             string          `json:"in"`
	SQL            string          `json:"sql"`
	Seconds        float64         `json:"seconds"`
	Parameters     json.RawMessage `json:"parameters"`
	ParameterTypes []string        `json:"parameter_types"`
	Mode           string          `json:"mode"`
	Columns        json.RawMessage `json:"columns"`
	Rows           [][]any         `json:"rows"`
}

type tablesWanted struct {
	Name  string   `json:"name"`
	Types []string `json:"types"`
}

type answerOf = map[string]any

type client struct {
	address      string
	sessions     map[string]*flightsql.Client
	transactions map[string]*flightsql.Txn
	results      map[string]*result
}

// A result that is being read.
type result struct {
	client *flightsql.Client
	info   *flight.FlightInfo
	reader *flight.Reader
	stop   context.CancelFunc
	rows   int64
}

func (c *client) close() {
	for _, r := range c.results {
		r.close()
	}
	for _, s := range c.sessions {
		s.Close()
	}
	c.results, c.sessions = map[string]*result{}, map[string]*flightsql.Client{}
	c.transactions = map[string]*flightsql.Txn{}
}

func (c *client) session(name string) (*flightsql.Client, error) {
	if s, ok := c.sessions[name]; ok {
		return s, nil
	}
	cookies := []flight.ClientMiddleware{flight.NewClientCookieMiddleware()}
	s, err := flightsql.NewClient(c.address, nil, cookies,
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	c.sessions[name] = s
	return s, nil
}

func (c *client) answer(s *stepOf) (answerOf, error) {
	if s.Scenario != nil {
		c.close()
		return answerOf{}, nil
	}
	session, err := c.session(s.On)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	if s.Seconds > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(s.Seconds*float64(time.Second)))
	}
	defer cancel()
	switch {
	case s.Query != nil:
		return c.query(ctx, session, s, *s.Query)
	case s.AsQuery != nil:
		_, err := c.query(ctx, session, s, *s.AsQuery)
		return answerOf{}, err
	case s.Update != nil:
		return c.update(ctx, session, s)
	case s.Many != nil:
		return c.many(ctx, session, s)
	case s.Drain != nil:
		return c.drain(ctx, session, *s.Drain)
	case s.Open != nil:
		return c.open(session, *s.Open, s.SQL)
	case s.Read != nil:
		return c.read(*s.Read)
	case s.Rest != nil:
		return c.rest(*s.Rest)
	case s.Cancel != nil:
		return c.cancel(ctx, *s.Cancel)
	case s.CancelWhile != nil:
		return c.cancelWhile(session, *s.CancelWhile)
	case s.Ingest != nil:
		return c.ingest(ctx, session, s)
	case s.Begin != nil:
		tx, err := session.BeginTransaction(ctx)
		c.transactions[*s.Begin] = tx
		return answerOf{}, err
	case s.Commit != nil:
		return answerOf{}, c.transactions[*s.Commit].Commit(ctx)
	case s.Rollback != nil:
		return answerOf{}, c.transactions[*s.Rollback].Rollback(ctx)
	case s.Tables != nil:
		return c.tables(ctx, session, s.Tables)
	case s.TableSchema != nil:
		return c.tableSchema(ctx, session, *s.TableSchema)
	case s.Prepare != nil:
		return c.prepare(ctx, session, *s.Prepare)
	case s.SetSchema != nil:
		return c.setSchema(ctx, session, *s.SetSchema)
	}
	return answerOf{"unsupported": "the client does not know this step"}, nil
}

// Prepares in the step's transaction, or in none.
func (c *client) prepared(ctx context.Context, session *flightsql.Client, s *stepOf,
	sql string) (*flightsql.PreparedStatement, error) {
	if s.In != "" {
		return c.transactions[s.In].Prepare(ctx, sql)
	}
	return session.Prepare(ctx, sql)
}

func (c *client) query(ctx context.Context, session *flightsql.Client, s *stepOf,
	sql string) (answerOf, error) {
	var info *flight.FlightInfo
	var err error
	switch {
	case s.Parameters != nil:
		var statement *flightsql.PreparedStatement
		if statement, err = c.prepared(ctx, session, s, sql); err != nil {
			return nil, err
		}
		defer statement.Close(context.Background())
		var row []any
		if err = decode(s.Parameters, &row); err != nil {
			return nil, err
		}
		batch, err := parameterBatch(s.ParameterTypes, [][]any{row})
		if err != nil {
			return nil, err
		}
		statement.SetParameters(batch)
		info, err = statement.Execute(ctx)
		if err != nil {
			return nil, err
		}
	case s.In != "":
		info, err = c.transactions[s.In].Execute(ctx, sql)
	default:
		info, err = session.Execute(ctx, sql)
	}
	if err != nil {
		return nil, err
	}
	promised, err := flight.DeserializeSchema(info.Schema, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	rows := [][]any{}
	err = eachBatch(ctx, session, info, func(batch arrow.RecordBatch) error {
		if !batch.Schema().Equal(promised) {
			return fmt.Errorf("promised %s, got %s", promised, batch.Schema())
		}
		got, err := rowsOf(batch)
		rows = append(rows, got...)
		return err
	})
	if err != nil {
		return nil, err
	}
	names, types := []string{}, []string{}
	for _, field := range promised.Fields() {
		names = append(names, field.Name)
		types = append(types, typeName(field.Type))
	}
	return answerOf{"columns": names, "types": types, "rows": rows}, nil
}

func eachBatch(ctx context.Context, session *flightsql.Client, info *flight.FlightInfo,
	use func(arrow.RecordBatch) error) error {
	for _, endpoint := range info.Endpoint {
		reader, err := session.DoGet(ctx, endpoint.Ticket)
		if err != nil {
			return err
		}
		defer reader.Release()
		for reader.Next() {
			if err := use(reader.RecordBatch()); err != nil {
				return err
			}
		}
		if err := reader.Err(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

func counted(count int64, err error) (answerOf, error) {
	if err != nil {
		return nil, err
	}
	if count < 0 {
		return answerOf{"count": nil}, nil
	}
	return answerOf{"count": count}, nil
}

func (c *client) update(ctx context.Context, session *flightsql.Client,
	s *stepOf) (answerOf, error) {
	if s.In != "" {
		return counted(c.transactions[s.In].ExecuteUpdate(ctx, *s.Update))
	}
	return counted(session.ExecuteUpdate(ctx, *s.Update))
}

func (c *client) many(ctx context.Context, session *flightsql.Client,
	s *stepOf) (answerOf, error) {
	statement, err := c.prepared(ctx, session, s, *s.Many)
	if err != nil {
		return nil, err
	}
	defer statement.Close(context.Background())
	var rows [][]any
	if err := decode(s.Parameters, &rows); err != nil {
		return nil, err
	}
	if len(s.ParameterTypes) > 0 {
		batch, err := parameterBatch(s.ParameterTypes, rows)
		if err != nil {
			return nil, err
		}
		statement.SetParameters(batch)
	}
	return counted(statement.ExecuteUpdate(ctx))
}

func (c *client) drain(ctx context.Context, session *flightsql.Client,
	sql string) (answerOf, error) {
	info, err := session.Execute(ctx, sql)
	if err != nil {
		return nil, err
	}
	var total, sum int64
	err = eachBatch(ctx, session, info, func(batch arrow.RecordBatch) error {
		total += batch.NumRows()
		for _, value := range batch.Column(0).(*array.Int64).Int64Values() {
			sum += value
		}
		return nil
	})
	return answerOf{"total": total, "sum": sum}, err
}

func (c *client) open(session *flightsql.Client, id, sql string) (answerOf, error) {
	ctx, stop := context.WithCancel(context.Background())
	info, err := session.Execute(ctx, sql)
	if err != nil {
		stop()
		return nil, err
	}
	reader, err := session.DoGet(ctx, info.Endpoint[0].Ticket)
	if err != nil {
		stop()
		return nil, err
	}
	c.results[id] = &result{client: session, info: info, reader: reader, stop: stop}
	return answerOf{}, nil
}

func (r *result) close() {
	r.stop()
	r.reader.Release()
}

func (c *client) read(id string) (answerOf, error) {
	r := c.results[id]
	if !r.reader.Next() {
		return nil, r.reader.Err()
	}
	batch := r.reader.RecordBatch()
	r.rows += batch.NumRows()
	first, err := valueOf(batch.Column(0), 0)
	return answerOf{"first": first}, err
}

func (c *client) rest(id string) (answerOf, error) {
	r := c.results[id]
	defer r.close()
	delete(c.results, id)
	for r.reader.Next() {
		r.rows += r.reader.RecordBatch().NumRows()
	}
	if err := r.reader.Err(); err != nil {
		return nil, err
	}
	return answerOf{"total": r.rows}, nil
}

// By the action for it: the stream then ends with an error.
func (c *client) cancel(ctx context.Context, id string) (answerOf, error) {
	r := c.results[id]
	defer r.close()
	delete(c.results, id)
	request := &flight.CancelFlightInfoRequest{Info: r.info}
	if _, err := r.client.CancelFlightInfo(ctx, request); err != nil {
		return nil, err
	}
	for r.reader.Next() {
	}
	if r.reader.Err() == nil {
		return nil, errors.New("the cancelled result ended as if it were whole")
	}
	return answerOf{}, nil
}

// By cancelling the call, as database/sql and the ADBC driver do.
func (c *client) cancelWhile(session *flightsql.Client, sql string) (answerOf, error) {
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(300*time.Millisecond, cancel)
	defer timer.Stop()
	_, err := c.query(ctx, session, &stepOf{}, sql)
	if err == nil {
		return nil, errors.New("it ended before it could be cancelled")
	}
	return nil, err
}

func (c *client) ingest(ctx context.Context, session *flightsql.Client,
	s *stepOf) (answerOf, error) {
	var columns [][2]string
	if err := decode(s.Columns, &columns); err != nil {
		return nil, err
	}
	batch, err := columnBatch(columns, s.Rows)
	if err != nil {
		return nil, err
	}
	reader, err := array.NewRecordReader(batch.Schema(), []arrow.RecordBatch{batch})
	if err != nil {
		return nil, err
	}
	options := &flightsql.ExecuteIngestOpts{
		Table:                  *s.Ingest,
		TableDefinitionOptions: ingestModes[s.Mode],
	}
	if s.In != "" {
		options.TransactionId = c.transactions[s.In].ID()
	}
	return counted(session.ExecuteIngest(ctx, reader, options))
}

var ingestModes = map[string]*flightsql.TableDefinitionOptions{
	"create": {
		IfNotExist: flightsql.TableDefinitionOptionsTableNotExistOptionCreate,
		IfExists:   flightsql.TableDefinitionOptionsTableExistsOptionFail},
	"append": {
		IfNotExist: flightsql.TableDefinitionOptionsTableNotExistOptionFail,
		IfExists:   flightsql.TableDefinitionOptionsTableExistsOptionAppend},
	"replace": {
		IfNotExist: flightsql.TableDefinitionOptionsTableNotExistOptionCreate,
		IfExists:   flightsql.TableDefinitionOptionsTableExistsOptionReplace},
	"create_append": {
		IfNotExist: flightsql.TableDefinitionOptionsTableNotExistOptionCreate,
		IfExists:   flightsql.TableDefinitionOptionsTableExistsOptionAppend},
}

func (c *client) tables(ctx context.Context, session *flightsql.Client,
	wanted *tablesWanted) (answerOf, error) {
	info, err := session.GetTables(ctx, &flightsql.GetTablesOpts{
		TableNameFilterPattern: &wanted.Name, TableTypes: wanted.Types})
	if err != nil {
		return nil, err
	}
	names := []string{}
	err = eachBatch(ctx, session, info, func(batch arrow.RecordBatch) error {
		if !batch.Schema().Equal(schema_ref.Tables) {
			return fmt.Errorf("GetTables has the schema %s", batch.Schema())
		}
		column := batch.Column(2).(*array.String)
		for i := range column.Len() {
			names = append(names, column.Value(i))
		}
		return nil
	})
	return answerOf{"names": names}, err
}

func fieldsOf(schema *arrow.Schema) [][2]string {
	fields := [][2]string{}
	for _, field := range schema.Fields() {
		fields = append(fields, [2]string{field.Name, typeName(field.Type)})
	}
	return fields
}

func (c *client) tableSchema(ctx context.Context, session *flightsql.Client,
	table string) (answerOf, error) {
	info, err := session.GetTables(ctx, &flightsql.GetTablesOpts{
		TableNameFilterPattern: &table, IncludeSchema: true})
	if err != nil {
		return nil, err
	}
	var fields [][2]string
	err = eachBatch(ctx, session, info, func(batch arrow.RecordBatch) error {
		schemas := batch.Column(4).(*array.Binary)
		for i := range schemas.Len() {
			schema, err := flight.DeserializeSchema(schemas.Value(i), memory.DefaultAllocator)
			if err != nil {
				return err
			}
			fields = fieldsOf(schema)
		}
		return nil
	})
	return answerOf{"fields": fields}, err
}

func (c *client) prepare(ctx context.Context, session *flightsql.Client,
	sql string) (answerOf, error) {
	statement, err := session.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer statement.Close(context.Background())
	return answerOf{
		"fields":          fieldsOf(statement.DatasetSchema()),
		"parameter_count": statement.ParameterSchema().NumFields(),
	}, nil
}

func (c *client) setSchema(ctx context.Context, session *flightsql.Client,
	name string) (answerOf, error) {
	values, err := flight.NewSessionOptionValues(map[string]any{"schema": name})
	if err != nil {
		return nil, err
	}
	result, err := session.SetSessionOptions(ctx,
		&flight.SetSessionOptionsRequest{SessionOptions: values})
	if err != nil {
		return nil, err
	}
	for option, problem := range result.GetErrors() {
		return nil, fmt.Errorf("%s: %s", option, problem)
	}
	return answerOf{}, nil
}
