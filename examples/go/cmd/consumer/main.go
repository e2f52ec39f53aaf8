// Reads a dataset batch by batch, one after the other: consumer [URI [DATASET]]
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pinion.example/examples/internal/source"
	"pinion.example/examples/internal/summary"
)

func run(uri, dataset string) error {
	started := time.Now()
	client, err := source.Connect(uri)
	if err != nil {
		return err
	}
	defer client.Close()
	result := summary.New()
	waiting := time.Now()
	err = source.Batches(context.Background(), client, source.Path(dataset),
		func(batch arrow.RecordBatch) error {
			defer batch.Release()
			result.Spent(0, waiting)
			began := time.Now()
			nulls := summary.NullCounts(batch)
			result.Spent(1, began)
			began = time.Now()
			fmt.Fprintf(os.Stderr, "batch %d: %d rows\n", result.Batches, batch.NumRows())
			result.Add(batch.NumRows(), nulls)
			result.Spent(2, began)
			waiting = time.Now()
			return nil
		})
	if err != nil {
		return err
	}
	return result.Print(started)
}

func main() {
	arguments := append(os.Args[1:], []string{"grpc://127.0.0.1:8815", "large_table"}[min(len(os.Args)-1, 2):]...)
	if err := run(arguments[0], arguments[1]); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
}
