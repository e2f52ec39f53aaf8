#include "cli/text_writers.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>

#include "cli/json_text.h"
#include "cli/value_text.h"

namespace pinion::cli {

namespace {

// The formats that write row after row: the columns' texts, and a buffer.
class RowWriter : public ResultWriter {
 public:
  RowWriter(TextStyle style, arrow::io::OutputStream& out) : style_(style), out_(out) {}

  arrow::Status Begin(const std::shared_ptr<arrow::Schema>& schema) override {
    texts_.clear();
    for (const auto& field : schema->fields()) {
      texts_.push_back(ValueText::Create(*field->type(), style_));
    }
    AppendStart(*schema, first_result_, &buffer_);
    first_result_ = false;
    first_row_ = true;
    return Flush(0);
  }

  arrow::Status Write(const arrow::RecordBatch& batch) override {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      AppendRow(batch, row, std::exchange(first_row_, false), &buffer_);
      ARROW_RETURN_NOT_OK(Flush(kFlushBytes));
    }
    return Flush(0);
  }

  arrow::Status End() override {
    AppendEnd(first_row_, &buffer_);
    return Flush(0);
  }

 protected:
  virtual void AppendStart(const arrow::Schema& schema, bool first_result,
                           std::string* out) = 0;
  virtual void AppendRow(const arrow::RecordBatch& batch, int64_t row, bool first,
                         std::string* out) = 0;
  virtual void AppendEnd(bool empty, std::string* out) = 0;

  const std::vector<std::unique_ptr<ValueText>>& texts() const { return texts_; }

  // False for a null.
  bool AppendValue(size_t column, const arrow::RecordBatch& batch, int64_t row,
                   std::string* out) const {
    return texts_[column]->Append(*batch.column(static_cast<int>(column)), row, out);
  }

 private:
  static constexpr size_t kFlushBytes = size_t{64} << 10;

  arrow::Status Flush(size_t limit) {
    if (buffer_.size() <= limit) return arrow::Status::OK();
    const arrow::Status status = out_.Write(buffer_);
    buffer_.clear();
    return status;
  }

  TextStyle style_;
  arrow::io::OutputStream& out_;
  std::vector<std::unique_ptr<ValueText>> texts_;
  bool first_result_ = true;
  bool first_row_ = true;
  std::string buffer_;
};

void AppendCsvField(std::string_view field, std::string* out) {
  if (!field.empty() && field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(field);
    return;
  }
  *out += '"';
  for (const char c : field) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

class CsvWriter : public RowWriter {
 public:
  explicit CsvWriter(arrow::io::OutputStream& out) : RowWriter(TextStyle::kPlain, out) {}

 protected:
  void AppendStart(const arrow::Schema& schema, bool first_result,
                   std::string* out) override {
    if (!first_result) *out += '\n';
    if (schema.num_fields() == 0) return;
    for (int i = 0; i < schema.num_fields(); ++i) {
      if (i != 0) *out += ',';
      AppendCsvField(schema.field(i)->name(), out);
    }
    *out += '\n';
  }

  void AppendRow(const arrow::RecordBatch& batch, int64_t row, bool /*first*/,
                 std::string* out) override {
    for (size_t i = 0; i < texts().size(); ++i) {
      if (i != 0) *out += ',';
      value_.clear();
      if (AppendValue(i, batch, row, &value_)) AppendCsvField(value_, out);
    }
    *out += '\n';
  }

  void AppendEnd(bool /*empty*/, std::string* /*out*/) override {}

 private:
  std::string value_;
};

// The names as JSON strings with their colons, made different from each other.
std::vector<std::string> JsonKeys(const arrow::Schema& schema) {
  std::set<std::string> taken;
  for (const auto& field : schema.fields()) taken.insert(field->name());
  std::set<std::string> used;
  std::vector<std::string> keys;
  for (const auto& field : schema.fields()) {
    std::string name = field->name();
    for (int number = 2; used.contains(name); ++number) {
      const std::string other = field->name() + "_" + std::to_string(number);
      if (!taken.contains(other)) name = other;
    }
    used.insert(name);
    std::string key;
    AppendJsonString(name, &key);
    keys.push_back(key + ":");
  }
  return keys;
}

class JsonWriter : public RowWriter {
 public:
  JsonWriter(bool lines, arrow::io::OutputStream& out)
      : RowWriter(TextStyle::kJson, out), lines_(lines) {}

 protected:
  void AppendStart(const arrow::Schema& schema, bool /*first_result*/,
                   std::string* out) override {
    keys_ = JsonKeys(schema);
    if (!lines_) *out += '[';
  }

  void AppendRow(const arrow::RecordBatch& batch, int64_t row, bool first,
                 std::string* out) override {
    if (!lines_) *out += first ? "\n" : ",\n";
    *out += '{';
    for (size_t i = 0; i < texts().size(); ++i) {
      if (i != 0) *out += ',';
      *out += keys_[i];
      if (!AppendValue(i, batch, row, out)) *out += "null";
    }
    *out += '}';
    if (lines_) *out += '\n';
  }

  void AppendEnd(bool empty, std::string* out) override {
    if (!lines_) *out += empty ? "]\n" : "\n]\n";
  }

 private:
  bool lines_;
  std::vector<std::string> keys_;
};

// Text in a cell of a Markdown table, where a line end or a bar would end it.
void AppendMarkdownCell(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '\n') {
      *out += "<br>";
    } else if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*') {
      *out += '\\';
      *out += c;
    } else {
      *out += c == '\r' || c == '\t' ? ' ' : c;
    }
  }
}

class MarkdownWriter : public RowWriter {
 public:
  explicit MarkdownWriter(arrow::io::OutputStream& out)
      : RowWriter(TextStyle::kPlain, out) {}

 protected:
  void AppendStart(const arrow::Schema& schema, bool first_result,
                   std::string* out) override {
    if (!first_result) *out += '\n';
    *out += '|';
    for (const auto& field : schema.fields()) {
      *out += ' ';
      AppendMarkdownCell(field->name(), out);
      *out += " |";
    }
    *out += "\n|";
    for (const auto& field : schema.fields()) {
      *out += IsNumeric(*field->type()) ? "---:|" : "---|";
    }
    *out += '\n';
  }

  void AppendRow(const arrow::RecordBatch& batch, int64_t row, bool /*first*/,
                 std::string* out) override {
    *out += '|';
    for (size_t i = 0; i < texts().size(); ++i) {
      value_.clear();
      *out += ' ';
      if (AppendValue(i, batch, row, &value_)) AppendMarkdownCell(value_, out);
      *out += " |";
    }
    *out += '\n';
  }

  void AppendEnd(bool /*empty*/, std::string* /*out*/) override {}

 private:
  std::string value_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeCsvWriter(arrow::io::OutputStream& out) {
  return std::make_unique<CsvWriter>(out);
}

std::unique_ptr<ResultWriter> MakeJsonWriter(arrow::io::OutputStream& out) {
  return std::make_unique<JsonWriter>(/*lines=*/false, out);
}

std::unique_ptr<ResultWriter> MakeJsonLinesWriter(arrow::io::OutputStream& out) {
  return std::make_unique<JsonWriter>(/*lines=*/true, out);
}

std::unique_ptr<ResultWriter> MakeMarkdownWriter(arrow::io::OutputStream& out) {
  return std::make_unique<MarkdownWriter>(out);
}

}  // namespace pinion::cli
