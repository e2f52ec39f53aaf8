# ./dev test: every kind of test, each a function. Sourced by ./dev.
# shellcheck shell=bash disable=SC2034,SC2154  # names shared with ./dev

test_groups=(unit threads python memory package demo dev)

# C++: unit tests of every layer and cases of the command line, with ASan and UBSan.
test_unit() {  # [CTEST-ARGS]
  local results=$checkout/build/dev/results
  build_preset dev
  rm -rf "$results"
  local status=0
  GTEST_OUTPUT=json:$results/ in_checkout run ctest --preset dev --no-tests=error "$@" || status=$?
  run python3 "$checkout/tests/gtest_counts.py" "$results"
  return "$status"
}

# What runs on many threads and can do without DuckDB, with ThreadSanitizer.
test_threads() {  # [CTEST-ARGS]
  build_preset tsan base_test pipeline_test
  in_checkout run ctest --preset tsan --no-tests=error -R '^(base|pipeline)_test$' "$@"
}

# Python clients, and through them those of other languages, against the sanitizer build of
# pinion, which runs on this machine.
test_python() {  # [PYTEST-ARGS]
  build_preset dev pinion conformance_cpp example_consumer example_pipeline example_sql_client
  # What is in C++ runs in the root, where Arrow is, and llvm-symbolizer by that name.
  local in_root
  in_root=$(printf 'env -u ASAN_SYMBOLIZER_PATH %q shell %q/build/dev/bin/' "$checkout/dev" "$checkout")
  PINION_CPP_EXAMPLES=$in_root PINION_CPP_SCENARIOS=${in_root}conformance_cpp \
    ASAN_SYMBOLIZER_PATH=$(symbolizer) UBSAN_OPTIONS=print_stacktrace=1 \
    run_pytest dev -n 2 --dist loadscope "$@"
}

# The tests of memory use, which a sanitizer build skips.
test_memory() {  # [PYTEST-ARGS]
  build_preset release pinion
  run_pytest release -m memory "$@"
}

# The installed libraries, used by a project of someone else.
test_package() {
  build_preset release pinion
  in_checkout run tests/package/run build/release
}

test_demo() { "$checkout/dev" demo "$@"; }

# ensure_venv  makes build/venv, a Python with what the tests and the demo import, or keeps it.
ensure_venv() {
  local venv=$checkout/build/venv requirements=$checkout/tests/conformance/python/requirements.txt
  need python3:python3
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "the tests need Python 3.11 or newer, not $(python3 --version)"
  python3 -c 'import ensurepip, venv' 2>/dev/null || need :python3-venv
  cmp -s "$requirements" "$venv/requirements.txt" && return
  say "installing the Python packages of the tests in build/venv"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --requirement "$requirements"
  cp "$requirements" "$venv/"
}

# run_pytest PRESET [PYTEST-ARGS]  runs pytest against a build that is there.
run_pytest() {
  local preset=$1
  shift
  ensure_venv
  cd "$checkout/tests" || return
  PINION_BIN=$(printf %q "$checkout/build/$preset/bundle/bin/pinion") \
    "$checkout/build/venv/bin/python" -m pytest -o cache_dir="$checkout/build/pytest" "$@"
}

# Prints the path of an llvm-symbolizer for this machine, which puts names and line numbers
# into what a sanitizer reports: the root's, with the root's own loader.
symbolizer() {
  local root script=$checkout/build/dev/llvm-symbolizer
  root=$(root_in_use)
  [[ $root ]] || return 0
  cat >"$script" <<SCRIPT
#!/bin/sh
exec "$root"/lib64/ld-linux*.so.* --library-path "$(echo "$root"/usr/lib/*-linux-gnu)" \
  "$root"/usr/lib/llvm-*/bin/llvm-symbolizer "\$@"
SCRIPT
  chmod +x "$script"
  echo "$script"
}

# ./dev itself.
test_dev() { "$checkout/tests/dev/run" "$@"; }

# run_each KIND NAME...  runs ./dev KIND NAME for each, whatever becomes of the others, and
# says in the end which failed.
run_each() {
  local kind=$1 name failed=()
  shift
  for name in "$@"; do
    echo
    echo "=== $kind: $name ==="
    "$checkout/dev" "$kind" "$name" || failed+=("$name")
  done
  echo
  echo "=== $kind: $(($# - ${#failed[@]})) of $# groups passed${failed[*]:+; FAILED: ${failed[*]} }==="
  ((${#failed[@]} == 0))
}

# run_kind KIND NAMES [NAME [ARGS]]  runs one of NAMES, or all without a NAME.
run_kind() {
  local kind=$1 names
  read -ra names <<<"$2"
  shift 2
  if (($# == 0)); then
    run_each "$kind" "${names[@]}"
  elif [[ " ${names[*]} " == *" $1 "* ]]; then
    "${kind}_$1" "${@:2}"
  else
    die "$kind knows no '$1', only ${names[*]}"
  fi
}
