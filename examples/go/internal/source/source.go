// Package source reads the streams of a Flight server.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Connect takes an address such as grpc://127.0.0.1:8815 or grpc+unix:///path.
func Connect(uri string) (flight.Client, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	var target string
	switch parsed.Scheme {
	case "grpc", "grpc+tcp":
		target = parsed.Host
	case "grpc+unix":
		target = "unix:" + parsed.Path
	default:
		return nil, fmt.Errorf("%q is no address such as grpc://127.0.0.1:8815", uri)
	}
	return flight.NewClientWithMiddleware(target, nil, nil,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// Servers may send batches above gRPC's 4 MiB.
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
}

// Path describes a dataset by its name.
func Path(dataset string) *flight.FlightDescriptor {
	return &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{dataset}}
}

// Command describes the result of a query.
func Command(sql string) *flight.FlightDescriptor {
	return &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte(sql)}
}

// Batches gives every batch of what is described to use, which must release it.
func Batches(ctx context.Context, client flight.Client, what *flight.FlightDescriptor,
	use func(arrow.RecordBatch) error) error {
	info, err := client.GetFlightInfo(ctx, what)
	if err != nil {
		return err
	}
	for _, endpoint := range info.Endpoint {
		if err := stream(ctx, client, endpoint.Ticket, use); err != nil {
			return err
		}
	}
	return nil
}

func stream(ctx context.Context, client flight.Client, ticket *flight.Ticket,
	use func(arrow.RecordBatch) error) error {
	// Ends the call when use has had enough.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages, err := client.DoGet(ctx, ticket)
	if err != nil {
		return err
	}
	reader, err := flight.NewRecordReader(messages)
	if err != nil {
		return err
	}
	defer reader.Release()
	for {
		batch, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		batch.Retain() // the reader lets go of it at the next Read
		if err := use(batch); err != nil {
			return err
		}
	}
}
