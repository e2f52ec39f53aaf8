// Runs a pipeline over a table of three rows.
#include <cstdint>
#include <iostream>

#include <arrow/api.h>
#include <pinion/pipeline.h>

arrow::Status Main() {
  arrow::Int64Builder builder;
  ARROW_RETURN_NOT_OK(builder.AppendValues({1, 2, 39}));
  ARROW_ASSIGN_OR_RAISE(auto array, builder.Finish());
  auto schema = arrow::schema({arrow::field("x", arrow::int64())});
  auto batch = arrow::RecordBatch::Make(schema, array->length(), {array});
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::RecordBatchReader::Make({batch, batch}));

  int64_t total = 0;
  auto job = pinion::From("read", pinion::ReaderSource(reader))
                 .Then("sum",
                       [](const pinion::Batch& items) {
                         const auto& x =
                             static_cast<const arrow::Int64Array&>(*items->column(0));
                         int64_t sum = 0;
                         for (int64_t i = 0; i < x.length(); ++i) sum += x.Value(i);
                         return sum;
                       })
                 .To("add", [&](int64_t sum) { total += sum; });
  ARROW_RETURN_NOT_OK(std::move(job).Run());
  std::cout << "total " << total << '\n';
  return arrow::Status::OK();
}

int main() {
  const arrow::Status status = Main();
  if (!status.ok()) std::cerr << status.ToString() << '\n';
  return status.ok() ? 0 : 1;
}
