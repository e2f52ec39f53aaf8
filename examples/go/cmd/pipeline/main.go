// Fetches, computes and prints at the same time, in goroutines joined by channels:
//
//	pipeline [-compute nulls|stats] [-queue N] [URI [DATASET]]
//
// Each channel holds N batches at most: a slow stage makes the ones before it wait. The
// first error cancels the context, on which every stage waits too.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sync/errgroup"

	"pinion.example/examples/internal/source"
	"pinion.example/examples/internal/stats"
	"pinion.example/examples/internal/summary"
)

// What the compute stage gives on.
type computed struct {
	rows    int64
	nulls   map[string]int
	columns []stats.Column
}

type pipeline struct {
	uri, dataset string
	stats        bool
	fetched      chan arrow.RecordBatch
	computed     chan computed
	summary      *summary.Summary
}

func (p *pipeline) fetch(ctx context.Context) error {
	defer close(p.fetched)
	client, err := source.Connect(p.uri)
	if err != nil {
		return err
	}
	defer client.Close()
	waiting := time.Now()
	return source.Batches(ctx, client, source.Path(p.dataset),
		func(batch arrow.RecordBatch) error {
			p.summary.Spent(0, waiting)
			select {
			case p.fetched <- batch:
				waiting = time.Now()
				return nil
			case <-ctx.Done():
				batch.Release()
				return ctx.Err()
			}
		})
}

func (p *pipeline) compute(ctx context.Context) error {
	defer close(p.computed)
	for batch := range p.fetched {
		began := time.Now()
		result := computed{rows: batch.NumRows(), nulls: summary.NullCounts(batch)}
		if p.stats {
			result.columns = stats.Of(batch)
		}
		batch.Release()
		p.summary.Spent(1, began)
		select {
		case p.computed <- result:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *pipeline) sink() error {
	var columns []stats.Column
	for result := range p.computed {
		began := time.Now()
		if p.stats {
			columns = stats.Merge(columns, result.columns)
		} else {
			fmt.Fprintf(os.Stderr, "batch %d: %d rows\n", p.summary.Batches, result.rows)
		}
		p.summary.Add(result.rows, result.nulls)
		p.summary.Spent(2, began)
	}
	if p.stats {
		p.summary.Columns = stats.Finish(columns)
	}
	return nil
}

func run() error {
	compute := flag.String("compute", "nulls", "nulls or stats")
	queue := flag.Int("queue", 8, "batches that wait before each stage")
	flag.Parse()
	if *compute != "nulls" && *compute != "stats" {
		return fmt.Errorf("-compute is nulls or stats, not %q", *compute)
	}
	if *queue < 1 {
		return fmt.Errorf("-queue must be at least 1, not %d", *queue)
	}
	p := &pipeline{
		uri:      "grpc://127.0.0.1:8815",
		dataset:  "large_table",
		stats:    *compute == "stats",
		fetched:  make(chan arrow.RecordBatch, *queue),
		computed: make(chan computed, *queue),
		summary:  summary.New(),
	}
	if flag.NArg() > 0 {
		p.uri = flag.Arg(0)
	}
	if flag.NArg() > 1 {
		p.dataset = flag.Arg(1)
	}
	started := time.Now()
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	group, ctx := errgroup.WithContext(interrupted)
	group.Go(func() error { return p.fetch(ctx) })
	group.Go(func() error { return p.compute(ctx) })
	group.Go(p.sink)
	if err := group.Wait(); err != nil {
		return err
	}
	return p.summary.Print(started)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}
