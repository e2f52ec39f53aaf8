#!/usr/bin/env bash
# usage: bundle.sh EXECUTABLE FOLDER     (run where EXECUTABLE runs: in the private root)
#
# Copies an executable with its shared libraries and loader into FOLDER, beside a launcher
# of its name that runs it on any Linux of the same processor, from any working directory:
#
#   FOLDER/NAME   FOLDER/bin/NAME   FOLDER/lib/*.so*
set -euo pipefail
executable=$1 folder=$2
name=$(basename "$executable")

mkdir -p "$folder/bin" "$folder/lib"
# "libx.so.1 => /usr/lib/libx.so.1 (0x…)", and the loader alone: "/lib64/ld-linux… (0x…)"
ldd "$executable" | grep -oE '/[^ ]+' | sort -u |
  xargs -r cp -Lpu --remove-destination -t "$folder/lib"
loader=$(ldd "$executable" | grep -oE '^\s*/\S+' | xargs basename)
# Not over the file: a server may be running from it.
cp -pu --remove-destination "$executable" "$folder/bin/$name"

cat >"$folder/.$name" <<LAUNCHER
#!/bin/sh
# Runs bin/$name with the loader and the libraries beside it.
here=\$(dirname "\$(readlink -f "\$0")")
exec "\$here/lib/$loader" --argv0 "\$0" --library-path "\$here/lib" "\$here/bin/$name" "\$@"
LAUNCHER
chmod +x "$folder/.$name"
mv -f "$folder/.$name" "$folder/$name"
