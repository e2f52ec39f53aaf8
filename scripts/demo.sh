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

# step WORDS -- COMMAND...  shows a command, runs it, and keeps the time it took.
step() {
  local words=$1 begin=$EPOCHREALTIME
  shift 2
  printf '\n\e[1m%s\e[0m\n$ pinion %s\n' "$words" "${*//$folder/.}"
  "$PINION" "$@"
  keep "$words" "$begin"
}

keep() {
  steps+=("$(awk -v a="$2" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.2f s", b - a }')  $1")
}

file=$folder/sql_data.feather
step "Generate $rows rows" -- generate --rows "$rows" --out "$file"

printf '\n\e[1mServe them under two names, on two ports\e[0m\n'
printf '$ pinion serve large_table=%s feather_table=%s …\n' ./sql_data.feather ./sql_data.feather
begin=$EPOCHREALTIME
mkfifo "$folder/ready"
"$PINION" serve "large_table=$file" "feather_table=$file" \
  --listen grpc://127.0.0.1:0 --listen grpc://127.0.0.1:0 >"$folder/ready" &
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
printf '\n\e[1mThe same by pyarrow\e[0m\n'
printf 'rows, flags that are set, sum of ages\n  pinion:  %s\n  pyarrow: %s\n' \
  "$served" "$read_by_pyarrow"
[[ $served == "$read_by_pyarrow" ]] || die "pinion and pyarrow do not agree"

printf '\n\e[1mWhere the time went\e[0m\n'
printf '%s\n' "${steps[@]}"
