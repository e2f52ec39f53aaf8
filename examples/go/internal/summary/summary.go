// Package summary is what the examples of all languages print at their end: one JSON
// object on one line.
package summary

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// Stage is the time that a stage has worked.
type Stage struct {
	Name string  `json:"name"`
	Busy float64 `json:"busy_s"`
}

// Summary counts batches as they come.
type Summary struct {
	Language   string         `json:"language"`
	Rows       int64          `json:"rows"`
	Batches    int64          `json:"batches"`
	NullCounts map[string]int `json:"null_counts"`
	Columns    any            `json:"columns,omitempty"`
	Wall       float64        `json:"wall_s"`
	Stages     []Stage        `json:"stages"`
}

// New has the three stages.
func New() *Summary {
	return &Summary{
		Language:   "go",
		NullCounts: map[string]int{},
		Stages:     []Stage{{Name: "fetch"}, {Name: "compute"}, {Name: "sink"}},
	}
}

// Add counts a batch.
func (s *Summary) Add(rows int64, nulls map[string]int) {
	s.Rows += rows
	s.Batches++
	for name, count := range nulls {
		s.NullCounts[name] += count
	}
}

// Spent adds the time since then to a stage. Each stage may be counted by a goroutine of
// its own.
func (s *Summary) Spent(stage int, since time.Time) {
	s.Stages[stage].Busy += time.Since(since).Seconds()
}

// Print ends the program's output.
func (s *Summary) Print(started time.Time) error {
	s.Wall = time.Since(started).Seconds()
	line, err := json.Marshal(s)
	if err == nil {
		_, err = fmt.Println(string(line))
	}
	return err
}

// NullCounts has the nulls of each column.
func NullCounts(batch arrow.RecordBatch) map[string]int {
	counts := make(map[string]int, batch.NumCols())
	for i, column := range batch.Columns() {
		counts[batch.ColumnName(i)] = column.NullN()
	}
	return counts
}
