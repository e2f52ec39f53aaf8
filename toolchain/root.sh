# The private root: a Debian sid with everything a build needs, for machines whose own
# packages are too old. Sourced by ./dev, which defines $checkout, $cache, say, die and need.
#
# It lies in $PINION_TOOLCHAIN (default: .toolchain/ in the checkout; several checkouts may
# share one) as root-<hash of how it is made>. It gets that name only when complete, so a
# root that exists is whole and current, and none ever changes under a running build.
# shellcheck shell=bash disable=SC2034,SC2154  # names shared with ./dev

toolchain=${PINION_TOOLCHAIN:-$checkout/.toolchain}
[[ $toolchain == host ]] || toolchain=$(realpath -m "$toolchain")

package_list() { sed 's/#.*//' "$checkout/toolchain/packages.txt" | xargs -n1; }

# What it mounts in the new root is seen by itself alone, so that nothing stays mounted if
# it is killed.
mmdebstrap() { unshare --mount mmdebstrap "$@"; }

bootstrap() {  # FOLDER MIRROR
  # A frozen mirror may serve an index whose date has passed.
  mmdebstrap --variant=apt --mode=root \
    --include="$(package_list | paste -sd,)" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --customize-hook='touch "$1"/etc/hosts "$1"/etc/resolv.conf' \
    --customize-hook='chroot "$1" sh -c "ln -s /usr/lib/llvm-*/bin /opt/llvm"' \
    sid "$1" "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $2 sid main"
}

root_path() {
  local key
  key=$({ package_list && declare -f bootstrap; } | sha256sum)
  echo "$toolchain/root-${key:0:12}"
}

# True if this machine can build pinion by itself: Arrow 25, DuckDB 2, CMake and Ninja.
# Asks the compiler, so that CPATH and the like count. PINION_TOOLCHAIN=host says it can.
host_suffices() {
  [[ $toolchain != host ]] || return 0
  command -v cmake ninja >/dev/null || return 1
  "${CXX:-c++}" -x c++ -fsyntax-only - 2>/dev/null <<'CPP'
#include <arrow/util/config.h>
#if ARROW_VERSION_MAJOR < 25 || !__has_include(<arrow/flight/sql/server.h>) || \
    !__has_include(<duckdb/main/result_format.hpp>)
#error
#endif
CPP
}

# Prints the root that builds are made with; nothing if they are made with this machine's
# own packages. Inside the root, `./dev` is told by in_root.
root_in_use() {
  if [[ ${PINION_ROOT:-} ]]; then
    echo "$PINION_ROOT"
  elif ! host_suffices; then
    root_path
  fi
}

# The Debian mirror that this machine's apt uses, unless $PINION_MIRROR names one.
mirror() {
  local sites
  sites=$(apt-get indextargets --format '$(SITE)' 2>/dev/null || true)
  echo "${PINION_MIRROR:-$(grep -m1 -E '/debian/?$' <<<"$sites" || true)}"
}

make_root() {
  local root=$1 site
  need mmdebstrap:mmdebstrap bwrap:bubblewrap \
    /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
  site=$(mirror)
  [[ $site ]] || die "this machine's apt names no Debian mirror: set PINION_MIRROR to the URL of one"

  say "making a private Debian root with Arrow and DuckDB in ${toolchain#"$checkout"/}" \
    "(once; about a minute, 1.7 GB)"
  rm -rf --one-file-system "$toolchain"/root-*.part
  bootstrap "$root.part" "$site" >"$toolchain/root.log" 2>&1 </dev/null ||
    die "cannot make the private root: see $toolchain/root.log"
  mv "$root.part" "$root"
  # Those of older package lists go; not from a shared folder, where others may use them.
  if [[ ! ${PINION_TOOLCHAIN:-} ]]; then
    find "$toolchain" -maxdepth 1 -name 'root-*' -type d ! -path "$root" -exec rm -rf {} +
  fi
}

# Makes the root if it is not there. Concurrent callers wait for the first.
ensure_root() {
  local root
  root=$(root_path)
  [[ ! -d $root ]] || return 0
  ((EUID == 0)) || die "Arrow 25 and DuckDB 2 are not installed here, and only root can make" \
    "the private Debian root that stands in for them: run 'sudo ./dev setup' once"
  mkdir -p "$toolchain" || die "cannot write to $toolchain"
  (
    flock 9
    [[ -d $root ]] || make_root "$root"
  ) 9>"$toolchain/lock"
}

# Runs a command in the root. The root itself is read-only; the checkout, the caches and
# /tmp are this machine's, at their own paths, and so is the network.
in_root() {
  local root git_dir dir file binds=()
  root=$(root_path)
  command -v bwrap >/dev/null || need bwrap:bubblewrap
  git_dir=$(git -C "$checkout" rev-parse --path-format=absolute --git-common-dir 2>/dev/null ||
    echo "$checkout")  # elsewhere if the checkout is a worktree
  [[ $PWD/ == "$checkout"/* ]] || cd "$checkout" || return
  for dir in usr etc var opt; do
    binds+=(--ro-bind "$root/$dir" "/$dir")
  done
  for dir in bin sbin lib lib64; do
    binds+=(--symlink "usr/$dir" "/$dir")
  done
  for file in hosts resolv.conf passwd group; do
    binds+=(--ro-bind-try "/etc/$file" "/etc/$file")
  done
  binds+=(--dev /dev --proc /proc --ro-bind /sys /sys --tmpfs /run)
  [[ $HOME == / ]] || binds+=(--tmpfs "$HOME")
  for dir in /tmp "$cache" "$CCACHE_DIR" "$git_dir" "$checkout"; do
    binds+=(--bind "$dir" "$dir")
  done
  bwrap --die-with-parent "${binds[@]}" --chdir "$PWD" \
    --setenv PATH /opt/llvm:/usr/bin:/usr/sbin --setenv TMPDIR /tmp --setenv LANG C.UTF-8 \
    --setenv CC clang --setenv CXX clang++ \
    --setenv PINION_TOOLCHAIN host --setenv PINION_ROOT "$root" \
    -- "$@"
}
