// Asks four questions in SQL: sqlclient [URI [TABLE]]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pinion.example/examples/internal/source"
)

var queries = []string{
	"SELECT name, is_active FROM %s WHERE id > 1",
	"SELECT * FROM %s",
	"SELECT name, metadata FROM %s WHERE is_active = true",
	"SELECT count(*) as total_count FROM %s",
}

type answer struct {
	Query   string   `json:"query"`
	Rows    int64    `json:"rows"`
	Columns []string `json:"columns"`
}

func run(uri, table string) error {
	client, err := source.Connect(uri)
	if err != nil {
		return err
	}
	defer client.Close()
	var answers []answer
	var total int64
	for _, pattern := range queries {
		one := answer{Query: fmt.Sprintf(pattern, table)}
		err := source.Batches(context.Background(), client, source.Command(one.Query),
			func(batch arrow.RecordBatch) error {
				defer batch.Release()
				one.Rows += batch.NumRows()
				one.Columns = nil
				for _, field := range batch.Schema().Fields() {
					one.Columns = append(one.Columns, field.Name)
				}
				if counts, ok := batch.Column(0).(*array.Int64); ok && batch.NumRows() > 0 {
					total = counts.Value(0)
				}
				return nil
			})
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s\n%d rows\n\n", one.Query, one.Rows)
		answers = append(answers, one)
	}
	line, err := json.Marshal(map[string]any{
		"language": "go", "queries": answers, "total_count": total})
	if err == nil {
		_, err = fmt.Println(string(line))
	}
	return err
}

func main() {
	arguments := append(os.Args[1:], []string{"grpc://127.0.0.1:8816", "feather_table"}[min(len(os.Args)-1, 2):]...)
	if err := run(arguments[0], arguments[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sqlclient:", err)
		os.Exit(1)
	}
}
