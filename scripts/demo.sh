#!/usr/bin/env bash
# usage: PINION=FILE PYTHON=FILE demo.sh     (./dev demo sets both)
#
# The whole of pinion in a minute: makes a table of a million rows, serves it on free ports,
# lists it, reads it, asks the four queries of the original example, and checks the count
# against what pyarrow reads in the file.
set -euo pipefail
rows=${ROWS:-1000000}
folder=$(mktemp -d)
server=
steps=()

finish() {
  [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

die() {
  echo "demo: $*" >&2
  exit 1
}

# title WORDS  in bold on a terminal that has it
bold="" plain=""
[[ ! -t 1 || ${TERM:-dumb} == dumb || ${NO_COLOR:-} ]] || { bold=$'\e[1m' plain=$'\e[0m'; }
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

# show ARG...  prints a command as one would type it.
show() {
  local arg line='$ pinion'
  for arg in "${@//$folder/.}"; do
    [[ $arg != *[!A-Za-z0-9_./:=+-]* ]] || arg="\"$arg\""
    line+=" $arg"
  done
  echo "$line"
}

# step WORDS -- COMMAND...  shows a command, runs it, and keeps the time it took.
step() {
  local words=$1 begin=$EPOCHREALTIME
  shift 2
  title "$words"
  show "$@"
  "$PINION" "$@"
  keep "$words" "$begin"
}

keep() {
  steps+=("$(awk -v a="$2" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.2f s", b - a }')  $1")
}

file=$folder/sql_data.feather
step "Generate $rows rows" -- generate --rows "$rows" --out "$file"

title 'Serve it under two names, on two ports'
serve=(serve "large_table=$file" "feather_table=$file"
  --listen grpc://127.0.0.1:0 --listen grpc://127.0.0.1:0)
show "${serve[@]}"
begin=$EPOCHREALTIME
mkfifo "$folder/ready"
"$PINION" "${serve[@]}" >"$folder/ready" &
server=$!
{ read -r first && read -r second; } <"$folder/ready" || die "the server did not start"
printf '%s\n' "$first" "$second"
flight=${first#listening on } sql=${second#listening on }
keep "Start the server" "$begin"

step "What is there" -- list "$flight"
step "Read all of it, batch by batch" -- get "$flight" large_table --batches
step "Query 1" -- sql "$sql" --rows 5 "SELECT name, is_active FROM feather_table WHERE id > 1"
step "Query 2" -- sql "$sql" --rows 5 "SELECT * FROM feather_table"
step "Query 3" -- sql "$sql" --rows 5 "SELECT name, metadata FROM feather_table WHERE is_active = true"
step "Query 4" -- sql "$sql" "SELECT count(*) as total_count FROM feather_table"

begin=$EPOCHREALTIME
served=$("$PINION" sql "$sql" --format csv \
  "SELECT count(*), count(is_active), sum(age) FROM feather_table" | tail -n 1)
read_by_pyarrow=$("$PYTHON" - "$file" <<'PYTHON'
import sys
import pyarrow as pa
import pyarrow.compute as pc

table = pa.ipc.open_file(pa.memory_map(sys.argv[1])).read_all()
active = table.num_rows - table["is_active"].null_count
print(table.num_rows, active, pc.sum(table["age"]), sep=",")
PYTHON
)
keep "Check against pyarrow" "$begin"
title 'The same by pyarrow'
printf 'rows, flags that are set, sum of ages\n  pinion:  %s\n  pyarrow: %s\n' \
  "$served" "$read_by_pyarrow"
[[ $served == "$read_by_pyarrow" ]] || die "pinion and pyarrow do not agree"

title 'Where the time went'
printf '%s\n' "${steps[@]}"
