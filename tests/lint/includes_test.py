"""The check of includes finds what it is for, and nothing else."""

import pathlib
import tempfile
import unittest

import includes


class IncludesTest(unittest.TestCase):
    def problems(self, **files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return includes.problems(root)[0]

    def check(self, expected, files):
        found = self.problems(**files)
        self.assertEqual(len(found), len(expected), found)
        for line, part in zip(found, expected):
            self.assertIn(part, line)

    def test_downward_is_allowed(self):
        self.check([], {
            "src/base/queue.h": "#include <deque>\n",
            "src/data/catalog.h": '#include <arrow/api.h>\n#include "base/queue.h"\n',
            "src/engine/engine.h": '#include "data/catalog.h"\n',
            "src/engine/duckdb/session.h": "#include <duckdb.hpp>\n",
            "src/engine/duckdb/session.cc": '#include "engine/duckdb/session.h"\n',
            "src/flight/service.h": '#include <arrow/flight/api.h>\n#include "engine/engine.h"\n',
            "include/pinion/pipeline.h": "#include <arrow/api.h>\n",
            "src/pipeline/pipeline.cc": '#include "pinion/pipeline.h"\n',
            "src/cli/pipe.cc": '#include "pinion/pipeline.h"\n#include "flight/service.h"\n',
        })  # fmt: skip

    def test_upward_is_found_with_file_and_line(self):
        self.check(["src/data/catalog.cc:2: data may not include flight"], {
            "src/flight/ticket.h": "",
            "src/data/catalog.cc": '#include <vector>\n#include "flight/ticket.h"\n',
        })  # fmt: skip

    def test_sideward_is_found(self):
        self.check(["pipeline may not include engine"], {
            "src/engine/engine.h": "",
            "src/pipeline/stage.cc": '#include "engine/engine.h"\n',
        })  # fmt: skip

    def test_duckdb_outside_its_folder_is_found(self):
        self.check(["src/engine/engine.cc:1: duckdb is only for src/engine/duckdb"], {
            "src/engine/engine.cc": "#include <duckdb.hpp>\n",
        })  # fmt: skip

    def test_duckdb_through_a_header_is_found(self):
        self.check(['src/flight/service.cc:1: "engine/duckdb/session.h" brings in duckdb'], {
            "src/engine/duckdb/value.h": "#include <duckdb/common/types/value.hpp>\n",
            "src/engine/duckdb/session.h": '#include "engine/duckdb/value.h"\n',
            "src/flight/service.cc": '#include "engine/duckdb/session.h"\n',
        })  # fmt: skip

    def test_flight_below_the_wire_is_found(self):
        self.check(["arrow/flight is only for"], {
            "src/data/catalog.h": "#include <arrow/flight/types.h>\n",
        })  # fmt: skip

    def test_headers_that_include_each_other_end_the_search(self):
        self.check([], {
            "src/data/a.h": '#include "data/b.h"\n',
            "src/data/b.h": '#include "data/a.h"\n',
        })  # fmt: skip

    def test_installed_header_that_includes_src_is_found(self):
        self.check(["an installed header may not include"], {
            "src/pipeline/stage.h": "",
            "include/pinion/pipeline.h": '#include "pipeline/stage.h"\n',
        })  # fmt: skip

    def test_test_library_outside_tests_is_found(self):
        self.check(["src/base/queue.h:1: only tests may include gtest/gtest.h"], {
            "src/base/queue.h": "#include <gtest/gtest.h>\n",
            "src/base/queue_test.cc": "#include <gtest/gtest.h>\n",
        })  # fmt: skip

    def test_unknown_layer_is_found(self):
        self.check(["helpers is no layer"], {"src/helpers/x.h": ""})

    def test_include_without_a_path_is_found(self):
        self.check(['write the path from src/ or include/: "queue.h"'], {
            "src/base/queue.h": "",
            "src/base/queue.cc": '#include "queue.h"\n',
        })  # fmt: skip


if __name__ == "__main__":
    unittest.main()
