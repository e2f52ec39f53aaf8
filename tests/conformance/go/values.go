package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func decode(raw json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func typeName(kind arrow.DataType) string {
	switch kind := kind.(type) {
	case *arrow.TimestampType:
		name := "timestamp_" + kind.Unit.String()
		if kind.TimeZone != "" {
			name += "_tz"
		}
		return name
	case *arrow.Decimal128Type:
		return fmt.Sprintf("decimal128(%d,%d)", kind.Precision, kind.Scale)
	}
	return kind.Name()
}

func typeNamed(name string) (arrow.DataType, error) {
	switch name {
	case "int64":
		return arrow.PrimitiveTypes.Int64, nil
	case "int32":
		return arrow.PrimitiveTypes.Int32, nil
	case "float64":
		return arrow.PrimitiveTypes.Float64, nil
	case "utf8":
		return arrow.BinaryTypes.String, nil
	case "binary":
		return arrow.BinaryTypes.Binary, nil
	case "bool":
		return arrow.FixedWidthTypes.Boolean, nil
	case "date32":
		return arrow.FixedWidthTypes.Date32, nil
	case "timestamp_us":
		return &arrow.TimestampType{Unit: arrow.Microsecond}, nil
	}
	var precision, scale int32
	if _, err := fmt.Sscanf(name, "decimal128(%d,%d)", &precision, &scale); err == nil {
		return &arrow.Decimal128Type{Precision: precision, Scale: scale}, nil
	}
	return nil, fmt.Errorf("the client does not know the type %s", name)
}

func parameterBatch(types []string, rows [][]any) (arrow.RecordBatch, error) {
	columns := [][2]string{}
	for place, name := range types {
		columns = append(columns, [2]string{strconv.Itoa(place), name})
	}
	return columnBatch(columns, rows)
}

func columnBatch(columns [][2]string, rows [][]any) (arrow.RecordBatch, error) {
	fields := []arrow.Field{}
	for _, column := range columns {
		kind, err := typeNamed(column[1])
		if err != nil {
			return nil, err
		}
		fields = append(fields, arrow.Field{Name: column[0], Type: kind, Nullable: true})
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer builder.Release()
	for _, row := range rows {
		for place, value := range row {
			if err := appendTo(builder.Field(place), fields[place].Type, value); err != nil {
				return nil, err
			}
		}
	}
	return builder.NewRecordBatch(), nil
}

func appendTo(builder array.Builder, kind arrow.DataType, value any) error {
	if value == nil {
		builder.AppendNull()
		return nil
	}
	switch builder := builder.(type) {
	case *array.BooleanBuilder:
		builder.Append(value.(bool))
		return nil
	case *array.BinaryBuilder:
		if kind.ID() == arrow.BINARY {
			data, err := hex.DecodeString(strings.TrimPrefix(value.(string), "0x"))
			builder.Append(data)
			return err
		}
	case *array.Decimal128Builder:
		exact := kind.(*arrow.Decimal128Type)
		number, err := decimal128.FromString(value.(string), exact.Precision, exact.Scale)
		builder.Append(number)
		return err
	}
	return builder.AppendValueFromString(fmt.Sprint(value))
}

func rowsOf(batch arrow.RecordBatch) ([][]any, error) {
	rows := [][]any{}
	for i := range int(batch.NumRows()) {
		row := []any{}
		for _, column := range batch.Columns() {
			value, err := valueOf(column, i)
			if err != nil {
				return nil, err
			}
			row = append(row, value)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// As JSON has it.
func valueOf(column arrow.Array, i int) (any, error) {
	if column.IsNull(i) {
		return nil, nil
	}
	switch column := column.(type) {
	case *array.Null:
		return nil, nil
	case *array.Boolean:
		return column.Value(i), nil
	case *array.Float32:
		return number(float64(column.Value(i))), nil
	case *array.Float64:
		return number(column.Value(i)), nil
	case *array.String:
		return column.Value(i), nil
	case *array.Binary:
		return "0x" + hex.EncodeToString(column.Value(i)), nil
	case *array.Decimal128:
		return column.Value(i).ToString(column.DataType().(*arrow.Decimal128Type).Scale), nil
	case *array.Date32:
		return column.Value(i).ToTime().Format(time.DateOnly), nil
	case *array.Time64:
		unit := column.DataType().(*arrow.Time64Type).Unit
		return column.Value(i).ToTime(unit).Format("15:04:05.999999999"), nil
	case *array.Timestamp:
		kind := column.DataType().(*arrow.TimestampType)
		text := column.Value(i).ToTime(kind.Unit).UTC().Format("2006-01-02T15:04:05.999999999")
		if kind.TimeZone != "" {
			text += "Z"
		}
		return text, nil
	case *array.Map:
		return pairsOf(column, i)
	case *array.Struct:
		object := map[string]any{}
		for place, field := range column.DataType().(*arrow.StructType).Fields() {
			value, err := valueOf(column.Field(place), i)
			if err != nil {
				return nil, err
			}
			object[field.Name] = value
		}
		return object, nil
	case array.ListLike:
		from, to := column.ValueOffsets(i)
		items := []any{}
		for at := from; at < to; at++ {
			item, err := valueOf(column.ListValues(), int(at))
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return items, nil
	}
	// Whole numbers, and what has no form of its own.
	return json.RawMessage(column.ValueStr(i)), nil
}

func pairsOf(column *array.Map, i int) (any, error) {
	from, to := column.ValueOffsets(i)
	pairs := []any{}
	for at := from; at < to; at++ {
		key, err := valueOf(column.Keys(), int(at))
		if err != nil {
			return nil, err
		}
		value, err := valueOf(column.Items(), int(at))
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, []any{key, value})
	}
	return pairs, nil
}

func number(value float64) any {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	}
	return value
}
