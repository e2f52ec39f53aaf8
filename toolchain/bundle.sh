#!/usr/bin/env bash
# usage: bundle.sh EXECUTABLE FOLDER     (run where EXECUTABLE runs: in the private root)
#
# Makes FOLDER/bin/NAME, which runs outside the root from any working directory: a copy that
# names the loader and the libraries of FOLDER/lib as its own. So it is started as any
# program is, and ps, gdb and the sanitizers see it under its name; but a loader can only be
# named by its full path, so FOLDER stays where it was made.
set -euo pipefail
executable=$1 folder=$(realpath -m "$2")
name=$(basename "$executable")

[[ $executable -nt $folder/bin/$name ]] || exit 0
mkdir -p "$folder/bin" "$folder/lib"
# ldd says "libx.so.1 => /usr/lib/libx.so.1 (0x…)", and of the loader "/lib64/ld-… (0x…)".
libraries=$(ldd "$executable")
grep -oE '/[^ ]+' <<<"$libraries" | sort -u |
  xargs -r cp -Lpu --remove-destination -t "$folder/lib"
loader=$(basename "$(grep -oE '^\s+/\S+' <<<"$libraries")")

cp "$executable" "$folder/bin/.$name"
# An rpath of the old kind, since it also counts for the libraries that libraries need.
patchelf --set-interpreter "$folder/lib/$loader" --force-rpath \
  --set-rpath "\$ORIGIN/../lib" "$folder/bin/.$name"
mv -f "$folder/bin/.$name" "$folder/bin/$name"  # a server may be running from the old one
