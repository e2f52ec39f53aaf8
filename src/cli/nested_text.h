#pragma once

#include <memory>

#include <arrow/extension_type.h>
#include <arrow/type.h>

#include "cli/value_text.h"

namespace pinion::cli {

// The parts of ValueText::Create for types made of others; call that.

// Lists, structs, maps, unions, dictionaries and runs; nothing for any other type.
std::unique_ptr<ValueText> NestedText(const arrow::DataType& type, TextStyle style);

// An extension type as the type it is stored as.
std::unique_ptr<ValueText> StorageText(const arrow::ExtensionType& type, TextStyle style);

}  // namespace pinion::cli
