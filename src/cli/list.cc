#include <memory>
#include <string>
#include <vector>

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/flight/types.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/location.h"
#include "cli/number_text.h"
#include "cli/result_writer.h"
#include "cli/text_table.h"
#include "cli/text_width.h"

namespace pinion::cli {

namespace {

namespace flight = arrow::flight;

struct ListOptions {
  std::string uri;
  std::string format = "table";
};

struct Listed {
  std::string name;
  // Negative where the server does not know.
  int64_t rows;
  int64_t bytes;
  std::shared_ptr<arrow::Schema> schema;
};

std::string NameOf(const flight::FlightDescriptor& descriptor) {
  if (descriptor.type == flight::FlightDescriptor::CMD) return descriptor.cmd;
  std::string name;
  for (const std::string& part : descriptor.path) {
    if (!name.empty()) name += '/';
    name += part;
  }
  return name;
}

arrow::Result<std::vector<Listed>> ListDatasets(Client& client) {
  ARROW_ASSIGN_OR_RAISE(const auto infos, client.List());
  std::vector<Listed> datasets;
  for (const flight::FlightInfo& info : infos) {
    arrow::ipc::DictionaryMemo memo;
    ARROW_ASSIGN_OR_RAISE(auto schema, info.GetSchema(&memo));
    datasets.push_back({NameOf(info.descriptor()), info.total_records(),
                        info.total_bytes(), std::move(schema)});
  }
  return datasets;
}

std::string ColumnNames(const arrow::Schema& schema) {
  std::string names;
  for (const auto& field : schema.fields()) {
    if (!names.empty()) names += ", ";
    names += PrintableText(field->name());
  }
  return names;
}

TextTable::Cell Number(int64_t number, const std::string& text) {
  if (number < 0) return {"?", /*faint=*/true};
  return {text};
}

// Numbers are for people on a terminal and for programs elsewhere.
arrow::Status PrintTable(const std::vector<Listed>& datasets, Context& context) {
  const Terminal& terminal = context.out_terminal;
  TextTable table{.columns = {{"dataset"},
                              {"rows", /*align_right=*/true},
                              {"bytes", /*align_right=*/true},
                              {"columns"}},
                  .rows = {}};
  for (const Listed& dataset : datasets) {
    const bool human = terminal.is_tty;
    table.rows.push_back({{PrintableText(dataset.name)},
                          Number(dataset.rows, human ? GroupedNumber(dataset.rows)
                                                     : std::to_string(dataset.rows)),
                          Number(dataset.bytes, human ? HumanBytes(dataset.bytes)
                                                      : std::to_string(dataset.bytes)),
                          {ColumnNames(*dataset.schema)}});
  }
  const auto width = terminal.is_tty ? std::optional(terminal.width) : std::nullopt;
  ARROW_RETURN_NOT_OK(context.out.Write(RenderTable(table, terminal, width).text));
  const size_t count = datasets.size();
  return context.out.Write("(" + std::to_string(count) +
                           (count == 1 ? " dataset)\n" : " datasets)\n"));
}

// The listing as rows, for the formats that programs read: columns is a list of structs.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> ToBatch(
    const std::vector<Listed>& datasets) {
  const auto column_type = arrow::struct_({arrow::field("name", arrow::utf8()),
                                           arrow::field("type", arrow::utf8()),
                                           arrow::field("nullable", arrow::boolean())});
  const auto schema = arrow::schema(
      {arrow::field("dataset", arrow::utf8(), /*nullable=*/false),
       arrow::field("rows", arrow::int64()), arrow::field("bytes", arrow::int64()),
       arrow::field("columns", arrow::list(column_type))});
  ARROW_ASSIGN_OR_RAISE(auto builder, arrow::RecordBatchBuilder::Make(
                                          schema, arrow::default_memory_pool()));
  auto& names = *builder->GetFieldAs<arrow::StringBuilder>(0);
  auto& rows = *builder->GetFieldAs<arrow::Int64Builder>(1);
  auto& bytes = *builder->GetFieldAs<arrow::Int64Builder>(2);
  auto& lists = *builder->GetFieldAs<arrow::ListBuilder>(3);
  auto& columns = static_cast<arrow::StructBuilder&>(*lists.value_builder());
  auto& column_names = static_cast<arrow::StringBuilder&>(*columns.field_builder(0));
  auto& column_types = static_cast<arrow::StringBuilder&>(*columns.field_builder(1));
  auto& nullables = static_cast<arrow::BooleanBuilder&>(*columns.field_builder(2));
  const auto append = [](arrow::Int64Builder& target, int64_t number) {
    return number < 0 ? target.AppendNull() : target.Append(number);
  };
  for (const Listed& dataset : datasets) {
    ARROW_RETURN_NOT_OK(names.Append(dataset.name));
    ARROW_RETURN_NOT_OK(append(rows, dataset.rows));
    ARROW_RETURN_NOT_OK(append(bytes, dataset.bytes));
    ARROW_RETURN_NOT_OK(lists.Append());
    for (const auto& field : dataset.schema->fields()) {
      ARROW_RETURN_NOT_OK(columns.Append());
      ARROW_RETURN_NOT_OK(column_names.Append(field->name()));
      ARROW_RETURN_NOT_OK(column_types.Append(field->type()->ToString()));
      ARROW_RETURN_NOT_OK(nullables.Append(field->nullable()));
    }
  }
  return builder->Flush();
}

arrow::Status RunList(const ListOptions& options, Context& context) {
  ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(options.uri));
  ARROW_ASSIGN_OR_RAISE(const ResultFormat format, ParseResultFormat(options.format));
  ARROW_RETURN_NOT_OK(CheckBinaryOutput(format, context.out_terminal));
  ARROW_ASSIGN_OR_RAISE(const auto client, Client::Connect(location, context.stop));
  ARROW_ASSIGN_OR_RAISE(const auto datasets, ListDatasets(*client));
  if (format == ResultFormat::kTable) return PrintTable(datasets, context);
  ARROW_ASSIGN_OR_RAISE(const auto batch, ToBatch(datasets));
  const auto writer = ResultWriter::Create({.format = format}, context.out);
  ARROW_RETURN_NOT_OK(writer->Begin(batch->schema()));
  ARROW_RETURN_NOT_OK(writer->Write(*batch));
  return writer->End();
}

}  // namespace

Command ListCommand() {
  Command command("list", "List the datasets of a server",
                  "pinion list grpc://127.0.0.1:8815\n"
                  "pinion list --format json grpc+unix:///run/pinion.sock\n");
  auto options = std::make_shared<ListOptions>();
  CLI::App& app = command.app();
  app.add_option("URI", options->uri, "The server: grpc://HOST:PORT, grpc+unix:///PATH")
      ->required();
  app.add_option("--format", options->format, "How to print it")
      ->check(CLI::IsMember(ResultFormatNames()))
      ->capture_default_str();
  command.set_action([options](Context& context) { return RunList(*options, context); });
  return command;
}

}  // namespace pinion::cli
