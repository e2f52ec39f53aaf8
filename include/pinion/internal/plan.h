// What the typed front of the pipeline (pipeline.h) hands to the library: a plan whose
// items have lost their types. Not part of the API.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arrow/record_batch.h"
#include "arrow/result.h"
#include "arrow/status.h"
#include "pinion/pipeline_options.h"

namespace pinion {

template <typename T>
struct ItemTraits;

namespace internal {

// A move-only value of any type, stored in place when it is small: a batch's pointer
// crosses a queue without an allocation.
class Box {
 public:
  Box() = default;
  template <typename T>
  static Box Of(T value) {
    Box box;
    if constexpr (kInPlace<T>) {
      ::new (box.storage_) T(std::move(value));
    } else {
      ::new (box.storage_) T*(new T(std::move(value)));
    }
    box.kind_ = &kKind<T>;
    return box;
  }
  Box(Box&& other) noexcept : kind_(std::exchange(other.kind_, nullptr)) {
    if (kind_ != nullptr) kind_->relocate(other.storage_, storage_);
  }
  Box& operator=(Box&& other) noexcept {
    if (this != &other) {
      Reset();
      kind_ = std::exchange(other.kind_, nullptr);
      if (kind_ != nullptr) kind_->relocate(other.storage_, storage_);
    }
    return *this;
  }
  ~Box() { Reset(); }

  // The value, which must be a T; leaves the box empty.
  template <typename T>
  T Take() {
    T& held = *Get<T>(storage_);
    T value = std::move(held);
    Reset();
    return value;
  }

  void Reset() {
    if (kind_ != nullptr) std::exchange(kind_, nullptr)->destroy(storage_);
  }

 private:
  static constexpr size_t kSize = 32;

  struct Kind {
    void (*relocate)(std::byte* from, std::byte* to);
    void (*destroy)(std::byte* storage);
  };
  template <typename T>
  static constexpr bool kInPlace =
      sizeof(T) <= kSize && alignof(T) <= alignof(std::max_align_t) &&
      std::is_nothrow_move_constructible_v<T>;
  template <typename T>
  static T* Get(std::byte* storage) {
    if constexpr (kInPlace<T>) {
      return std::launder(reinterpret_cast<T*>(storage));
    } else {
      return *std::launder(reinterpret_cast<T**>(storage));
    }
  }
  template <typename T>
  static void Relocate(std::byte* from, std::byte* to) {
    if constexpr (kInPlace<T>) {
      T* value = Get<T>(from);
      ::new (to) T(std::move(*value));
      value->~T();
    } else {
      ::new (to) T*(Get<T>(from));
    }
  }
  template <typename T>
  static void Destroy(std::byte* storage) {
    if constexpr (kInPlace<T>) {
      Get<T>(storage)->~T();
    } else {
      delete Get<T>(storage);
    }
  }
  template <typename T>
  static constexpr Kind kKind{&Relocate<T>, &Destroy<T>};

  alignas(std::max_align_t) std::byte storage_[kSize];
  const Kind* kind_ = nullptr;
};

// An item on its way: the value, what it weighs, and the batch that it stems from.
struct Cargo {
  Box value;
  int64_t rows = 0;
  int64_t bytes = 0;
  int64_t number = 0;

  template <typename T>
  static Cargo Of(T value) {
    Cargo cargo;
    cargo.rows = ItemTraits<T>::Rows(value);
    cargo.bytes = ItemTraits<T>::Bytes(value);
    cargo.value = Box::Of(std::move(value));
    return cargo;
  }
};

using MaybeCargo = arrow::Result<std::optional<Cargo>>;
using Generate = std::function<MaybeCargo(const StageContext&)>;
using Process = std::function<MaybeCargo(Cargo, const StageContext&)>;

struct SourcePlan {
  std::string name;
  SourceOptions options;
  int lanes = 1;
  std::function<arrow::Result<Generate>(int lane, const StageContext&)> open;
};

struct StagePlan {
  std::string name;
  StageOptions options;
  std::function<arrow::Result<Process>(int worker)> make;
  // After the stage's last item, if all went well.
  std::function<arrow::Status(const StageContext&)> finish;
};

struct Plan {
  SourcePlan source;
  std::vector<StagePlan> stages;
  // Set when the caller pulls the last stage's items through this queue.
  std::optional<QueueLimits> pulled;
};

class Run;

arrow::Result<std::unique_ptr<arrow::RecordBatchReader>> StartReader(
    Plan plan, std::shared_ptr<arrow::Schema> schema, QueueLimits queue,
    const RunOptions& options);

// --- From callables to plans ----------------------------------------------------------

template <typename R>
struct Unwrap {
  using Value = R;
  using Output = R;
};
template <typename R>
struct Unwrap<std::optional<R>> {
  using Value = std::optional<R>;
  using Output = R;
};
template <typename R>
struct Unwrap<arrow::Result<R>> {
  using Value = R;
  using Output = typename Unwrap<R>::Output;
};
// Result<U> and U are U; OutputOf also looks into an optional.
template <typename R>
using ValueOf = typename Unwrap<R>::Value;
template <typename R>
using OutputOf = typename Unwrap<R>::Output;

template <typename F, typename T>
concept TakesContext = std::is_invocable_v<F&, T, const StageContext&>;
template <typename F, typename T>
concept CallableWith = TakesContext<F, T> || std::is_invocable_v<F&, T>;

template <typename F, typename T>
decltype(auto) Call(F& f, T&& item, const StageContext& context) {
  if constexpr (TakesContext<F, T>) {
    return f(std::forward<T>(item), context);
  } else {
    static_assert(CallableWith<F, T>, "the stage does not take what comes before it");
    return f(std::forward<T>(item));
  }
}
template <typename F, typename T>
using CallResult = std::remove_cvref_t<decltype(Call(
    std::declval<F&>(), std::declval<T&&>(), std::declval<const StageContext&>()))>;

template <typename G>
decltype(auto) CallGenerator(G& g, const StageContext& context) {
  if constexpr (std::is_invocable_v<G&, const StageContext&>) {
    return g(context);
  } else {
    return g();
  }
}
template <typename G>
concept Generates =
    std::is_invocable_v<G&, const StageContext&> || std::is_invocable_v<G&>;
template <typename G>
using GeneratedBy = OutputOf<std::remove_cvref_t<decltype(CallGenerator(
    std::declval<G&>(), std::declval<const StageContext&>()))>>;

template <typename U>
MaybeCargo Pack(U value) {
  return std::optional<Cargo>(Cargo::Of<U>(std::move(value)));
}
template <typename U>
MaybeCargo Pack(std::optional<U> value) {
  if (!value.has_value()) return std::optional<Cargo>();
  return Pack<U>(*std::move(value));
}
template <typename U>
MaybeCargo Pack(arrow::Result<U> value) {
  if (!value.ok()) return value.status();
  return Pack(*std::move(value));
}

template <typename T, typename U, typename F>
Process MakeStage(const std::shared_ptr<F>& f) {
  return [f](Cargo in, const StageContext& context) -> MaybeCargo {
    return Pack(Call(*f, in.value.Take<T>(), context));
  };
}

template <typename T, typename F>
Process MakeSink(const std::shared_ptr<F>& f) {
  return [f](Cargo in, const StageContext& context) -> MaybeCargo {
    if constexpr (std::is_void_v<CallResult<F, T>>) {
      Call(*f, in.value.Take<T>(), context);
    } else {
      ARROW_RETURN_NOT_OK(arrow::Status(Call(*f, in.value.Take<T>(), context)));
    }
    return std::optional<Cargo>();
  };
}

template <typename T, typename U, typename F, typename Make>
std::function<arrow::Result<Process>(int)> MakePerWorker(Make make) {
  auto shared = std::make_shared<Make>(std::move(make));
  return [shared](int worker) -> arrow::Result<Process> {
    ARROW_ASSIGN_OR_RAISE(F f, arrow::Result<F>((*shared)(worker)));
    return MakeStage<T, U>(std::make_shared<F>(std::move(f)));
  };
}

template <typename T, typename Open>
std::function<arrow::Result<Generate>(int, const StageContext&)> MakeSource(Open open) {
  return [open = std::move(open)](
             int lane, const StageContext& context) -> arrow::Result<Generate> {
    ARROW_ASSIGN_OR_RAISE(auto next, open(lane, context));
    return Generate([next = std::move(next)](const StageContext& each) -> MaybeCargo {
      return Pack(next(each));
    });
  };
}

}  // namespace internal
}  // namespace pinion
