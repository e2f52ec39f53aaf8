// Package stats has the statistics of columns, batch by batch and merged: count, nulls,
// min, max, mean and standard deviation. The fields of a struct are columns of their own,
// named "metadata.dept".
package stats

import (
	"cmp"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Column is what is known of one column.
type Column struct {
	Name   string   `json:"name"`
	Count  int64    `json:"count"`
	Nulls  int64    `json:"nulls"`
	Min    *string  `json:"min"`
	Max    *string  `json:"max"`
	Mean   *float64 `json:"mean"`
	Stddev *float64 `json:"stddev"`

	limits  limits
	numbers bool
	mean    float64
	squares float64 // of the distances from the mean
}

// The least and greatest value, in the type of the column.
type limits interface {
	merge(other limits) limits
	text() (string, string)
}

type span[T cmp.Ordered] struct {
	least, most T
	format      func(T) string
}

func (s span[T]) merge(other limits) limits {
	o := other.(span[T])
	s.least, s.most = min(s.least, o.least), max(s.most, o.most)
	return s
}

func (s span[T]) text() (string, string) { return s.format(s.least), s.format(s.most) }

// Of has the statistics of a batch.
func Of(batch arrow.RecordBatch) []Column {
	var columns []Column
	for i, column := range batch.Columns() {
		columns = add(columns, batch.ColumnName(i), column, nil)
	}
	return columns
}

// A value counts if it is valid in its array and in the struct around it.
func add(columns []Column, name string, values arrow.Array, parent arrow.Array) []Column {
	if fields, ok := values.(*array.Struct); ok {
		for i, field := range fields.DataType().(*arrow.StructType).Fields() {
			columns = add(columns, name+"."+field.Name, fields.Field(i), fields)
		}
		return columns
	}
	column := Column{Name: name}
	isNull := func(i int) bool {
		return values.IsNull(i) || (parent != nil && parent.IsNull(i))
	}
	nullable := values.NullN() > 0 || (parent != nil && parent.NullN() > 0)
	switch typed := values.(type) {
	case *array.Int64:
		scan(&column, typed.Int64Values(), nullable, isNull,
			func(v int64) string { return strconv.FormatInt(v, 10) })
	case *array.Int32:
		scan(&column, typed.Int32Values(), nullable, isNull,
			func(v int32) string { return strconv.FormatInt(int64(v), 10) })
	case *array.Float64:
		scan(&column, typed.Float64Values(), nullable, isNull,
			func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) })
	case *array.Boolean:
		bits := make([]uint8, typed.Len())
		for i := range bits {
			if typed.Value(i) {
				bits[i] = 1
			}
		}
		scan(&column, bits, nullable, isNull,
			func(v uint8) string { return strconv.FormatBool(v == 1) })
	case *array.String:
		scanStrings(&column, typed, isNull)
	default:
		for i := range values.Len() {
			if !isNull(i) {
				column.Count++
			}
		}
	}
	column.Nulls = int64(values.Len()) - column.Count
	return append(columns, column)
}

type number interface {
	~uint8 | ~int32 | ~int64 | ~float64
}

func scan[T number](column *Column, values []T, nullable bool, isNull func(int) bool,
	format func(T) string) {
	if nullable {
		valid := make([]T, 0, len(values))
		for i, value := range values {
			if !isNull(i) {
				valid = append(valid, value)
			}
		}
		values = valid
	}
	if len(values) == 0 {
		return
	}
	least, most, sum := values[0], values[0], 0.0
	for _, value := range values {
		least, most = min(least, value), max(most, value)
		sum += float64(value)
	}
	column.Count = int64(len(values))
	column.limits = span[T]{least, most, format}
	column.numbers = true
	column.mean = sum / float64(len(values))
	for _, value := range values {
		distance := float64(value) - column.mean
		column.squares += distance * distance
	}
}

func scanStrings(column *Column, values *array.String, isNull func(int) bool) {
	var least, most string
	for i := range values.Len() {
		if isNull(i) {
			continue
		}
		value := values.Value(i)
		if column.Count == 0 {
			least, most = value, value
		}
		least, most = min(least, value), max(most, value)
		column.Count++
	}
	if column.Count > 0 {
		// Copies: the batch's memory does not live as long.
		column.limits = span[string]{string([]byte(least)), string([]byte(most)),
			func(v string) string { return v }}
	}
}

// Merge adds what is known of another batch of the same table.
func Merge(into, other []Column) []Column {
	if into == nil {
		return other
	}
	for i := range into {
		into[i].merge(&other[i])
	}
	return into
}

func (c *Column) merge(other *Column) {
	c.Nulls += other.Nulls
	if other.Count == 0 {
		return
	}
	if c.Count == 0 {
		nulls := c.Nulls
		*c = *other
		c.Nulls = nulls
		return
	}
	total := float64(c.Count + other.Count)
	distance := other.mean - c.mean
	c.squares += other.squares + distance*distance*float64(c.Count)*float64(other.Count)/total
	c.mean += distance * float64(other.Count) / total
	c.Count += other.Count
	if c.limits != nil {
		c.limits = c.limits.merge(other.limits)
	}
}

// Finish fills in what is printed.
func Finish(columns []Column) []Column {
	for i := range columns {
		c := &columns[i]
		if c.limits != nil {
			least, most := c.limits.text()
			c.Min, c.Max = &least, &most
		}
		if c.numbers {
			c.Mean = &c.mean
			if c.Count > 1 {
				stddev := math.Sqrt(c.squares / float64(c.Count-1))
				c.Stddev = &stddev
			}
		}
	}
	return columns
}
