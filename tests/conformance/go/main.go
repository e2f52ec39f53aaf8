// The scenarios' steps by arrow-go's Flight SQL client. See ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc/status"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance grpc://HOST:PORT < steps > answers")
		os.Exit(2)
	}
	c := &client{address: strings.TrimPrefix(os.Args[1], "grpc://")}
	defer c.close()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		answer, err := answerTo(c, lines.Text())
		if err != nil {
			answer = errorAnswer(err)
		}
		if err := out.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerTo(c *client, line string) (map[string]any, error) {
	var step stepOf
	numbers := json.NewDecoder(strings.NewReader(line))
	numbers.UseNumber()
	if err := numbers.Decode(&step); err != nil {
		return nil, err
	}
	return c.answer(&step)
}

// The names that gRPC has for its codes, as other languages write them.
var codeNames = map[string]string{
	"Canceled": "CANCELLED", "InvalidArgument": "INVALID_ARGUMENT",
	"DeadlineExceeded": "DEADLINE_EXCEEDED", "NotFound": "NOT_FOUND",
	"AlreadyExists": "ALREADY_EXISTS", "PermissionDenied": "PERMISSION_DENIED",
	"ResourceExhausted": "RESOURCE_EXHAUSTED", "Unimplemented": "UNIMPLEMENTED",
	"Internal": "INTERNAL", "Unavailable": "UNAVAILABLE", "Unknown": "UNKNOWN",
	"Unauthenticated": "UNAUTHENTICATED",
}

func errorAnswer(err error) map[string]any {
	code := status.Code(err).String()
	if name, ok := codeNames[code]; ok {
		code = name
	}
	return map[string]any{"error": code, "message": err.Error()}
}
