#pragma once

#include <memory>

#include "cli/result_writer.h"

namespace pinion::cli {

// RFC 4180 with line feeds at the ends of lines. Nulls are empty, an empty text is "".
// Several results are separated by an empty line.
std::unique_ptr<ResultWriter> MakeCsvWriter(arrow::io::OutputStream& out);

// An array of one object a row; an array for each result. Columns that share a name get
// _2, _3... so that no value is lost.
std::unique_ptr<ResultWriter> MakeJsonWriter(arrow::io::OutputStream& out);

// The objects without the array, a line each.
std::unique_ptr<ResultWriter> MakeJsonLinesWriter(arrow::io::OutputStream& out);

// A table of Markdown, whose nulls are empty.
std::unique_ptr<ResultWriter> MakeMarkdownWriter(arrow::io::OutputStream& out);

}  // namespace pinion::cli
