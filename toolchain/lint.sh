# ./dev lint and ./dev fmt: every check of the sources, each a function. Sourced by ./dev.
# shellcheck shell=bash disable=SC2034,SC2154  # names shared with ./dev

lint_checks=(format includes tidy shell)

# Sources that git knows or could know, so not what a build made: sources GLOB...
sources() { git -C "$checkout" ls-files -z --cached --others --exclude-standard -- "$@"; }

in_sources() {  # COMMAND... with the C++ sources as further arguments
  sources '*.cc' '*.h' | in_checkout run xargs -0r "$@"
}

fmt() { in_sources clang-format -i; }

lint_format() {
  in_sources clang-format --dry-run -Werror || die "./dev fmt puts that right"
}

# Includes point downward; the check's own tests come first.
lint_includes() {
  run python3 "$checkout/tests/lint/includes_test.py"
  run python3 "$checkout/tests/lint/includes.py" "$checkout"
}

lint_tidy() {  # [FILE...]
  configure dev
  in_checkout run ninja -C build/dev build.ninja >/dev/null  # for files that are new
  in_checkout run python3 tests/lint/tidy.py --cache "$cache/tidy" --build build/dev "$@"
}

lint_shell() {
  git -C "$checkout" grep -lzE --untracked '^#!.*\b(ba)?sh$|^# shellcheck shell=' |
    in_checkout run xargs -0r shellcheck --severity=warning --external-sources
}
