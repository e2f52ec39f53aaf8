# ./dev bench: every kind of benchmark, each a function. Sourced by ./dev.
# shellcheck shell=bash disable=SC2034,SC2154  # names shared with ./dev

bench_groups=(parts pipeline servers)

# Parts of pinion, each in a loop: what is beside --quick goes to Google Benchmark.
bench_parts() {  # [--quick] [ARGS]
  local program
  if [[ ${1:-} == --quick ]]; then
    set -- --benchmark_min_time=0.05s "${@:2}"
  fi
  build_preset release >&2
  for program in "$checkout"/build/release/bin/*_bench; do
    echo "--- $(basename "$program")"
    run "$program" "$@"
  done
}

# pinion pipe against itself without overlap, and against the other languages' pipelines.
bench_pipeline() {  # [--quick] [ARGS of bench/pipeline_contest.py]
  prepare_contest
  build_example go go build -o "$checkout/build/examples/go/" ./...
  build_example rust cargo build --quiet --release --locked \
    --target-dir "$checkout/build/conformance/rust"
  "$bench_python" "$checkout/bench/pipeline_contest.py" "$@"
}

# pinion serve against other servers.
bench_servers() {  # [--quick] [ARGS of bench/side_by_side]
  prepare_contest
  prepare_peers
  "$bench_python" "$checkout/bench/side_by_side" --out "$checkout/build/bench" "$@"
}

# Sets $bench_python and $PINION_BIN; a program that PINION_BIN names is measured as it is.
prepare_contest() {
  if [[ ! ${PINION_BIN:-} ]]; then
    build_preset release pinion >&2
    export PINION_BIN=$checkout/build/release/bundle/bin/pinion
  fi
  ensure_venv
  local requirements=$checkout/bench/side_by_side/requirements.txt
  bench_python=$checkout/build/venv/bin/python
  cmp -s "$requirements" "$checkout/build/venv/bench.txt" && return
  "$checkout/build/venv/bin/pip" install --quiet --requirement "$requirements"
  cp "$requirements" "$checkout/build/venv/bench.txt"
}

# Installs what pinion is compared with, and with what. Without one of them the others are
# compared: the report says who does not take part.
prepare_peers() {
  local peer package
  mkdir -p "$checkout/build/bench"
  for peer in quack roapi; do
    install_peer "$peer" >"$checkout/build/bench/$peer.log" 2>&1 ||
      say "cannot install $peer: see $checkout/build/bench/$peer.log"
  done
  for package in iperf3:iperf3 h2load:nghttp2-client tc:iproute2; do
    (need "$package") || true
  done
}

# A peer from PyPI, in a Python of its own: they need other versions than the tests.
install_peer() {  # NAME
  local venv=$checkout/build/bench/$1-venv
  local requirements=$checkout/bench/side_by_side/peers/$1.txt
  cmp -s "$requirements" "$venv/requirements.txt" && return
  python3 -m venv --clear "$venv" &&
    "$venv/bin/pip" install --quiet --requirement "$requirements" &&
    cp "$requirements" "$venv/requirements.txt"
}

build_example() {  # LANGUAGE COMMAND...
  type -P "$2" >/dev/null || { say "no $2: its pipeline does not take part" && return; }
  mkdir -p "$checkout/build/examples/$1"
  (cd "$checkout/examples/$1" && "${@:2}")
}

# bench [--quick] [GROUP [ARGS]]  runs one group, or all.
bench() {
  local quick=()
  [[ ${1:-} != --quick ]] || { quick=(--quick) && shift; }
  if (($#)); then
    [[ " ${bench_groups[*]} " == *" $1 "* ]] || die "bench knows no '$1', only ${bench_groups[*]}"
    "bench_$1" "${quick[@]}" "${@:2}"
    return
  fi
  local group
  for group in "${bench_groups[@]}"; do
    echo "=== $group"
    "bench_$group" "${quick[@]}"
  done
}
