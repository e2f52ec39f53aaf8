"""The data of the benchmarks, made once and kept in build/bench/."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import numpy
import pyarrow as pa
import pyarrow.parquet

BATCH_ROWS = 64 * 1024
INT64_BATCH_ROWS = 128 * 1024
INT64_COLUMNS = 8
QUERIES = pathlib.Path(__file__).parents[2] / "tests" / "support" / "tpch.h"


class Inputs:
    """Paths of the data, each made when it is first asked for."""

    def __init__(self, folder, pinion, rows, scale):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._pinion = pinion
        self.rows = rows
        self.scale = scale

    def sample(self):
        """The sample table as LZ4 Feather."""
        return self._made(f"sample_{self.rows}.feather", self._write_sample)

    def integers(self):
        """Eight columns of random int64, uncompressed: 1 GB for 16 M rows."""
        return self._made(f"int64_{self.rows}.feather", self._write_integers)

    def zeros(self, gigabytes):
        """A large uncompressed file whose pages are holes: it takes no room on the disk."""
        rows = gigabytes * 10**9 // (8 * INT64_COLUMNS)
        path = self._made(f"zeros_{gigabytes}GB.feather", lambda path: write_zeros(path, rows))
        return path, rows

    def small_files(self, number):
        """{name: path} of so many small files."""
        folder = self._made(f"files_{number}", lambda folder: self._write_small(folder, number))
        return {path.stem: path for path in sorted(folder.iterdir())}

    def tpch(self, kind, scale=None):
        """{table: path} of TPC-H; kind is parquet, plain or lz4 (Feather, with text as most
        programs write it) or views (the same as lz4 with string views)."""
        scale = scale or self.scale
        write = self._write_parquet if kind == "parquet" else self._write_feather
        folder = self._made(f"tpch_{scale}/{kind}", lambda path: write(path, kind, scale))
        return {path.stem: path for path in sorted(folder.iterdir())}

    def tpch_database(self, scale=None):
        """The same as a DuckDB database, as the DuckDB that has Quack can read it."""
        scale = scale or self.scale
        return self._made(f"tpch_{scale}/tpch.duckdb",
                          lambda path: self._write_database(path, scale))

    def tpch_queries(self):
        """A file with the texts of the 22 queries, a list in JSON. They are the tests'."""
        texts = re.findall(r'R"\((.*?)\)"', QUERIES.read_text(), re.DOTALL)
        if len(texts) != 22:
            raise RuntimeError(f"{QUERIES} has {len(texts)} queries, not 22")
        path = self._folder / "tpch_queries.json"
        path.write_text(json.dumps(texts))
        return path

    def _made(self, name, write):
        path = self._folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name("part-" + path.name)
            shutil.rmtree(part, ignore_errors=True)
            part.unlink(missing_ok=True)
            print(f"making {name}", file=sys.stderr)
            write(part)
            part.rename(path)
        return path

    def _write_sample(self, path):
        self._generate(path, self.rows)

    def _write_small(self, folder, number):
        folder.mkdir()
        for position in range(number):
            self._generate(folder / f"file_{position}.feather", 10_000 + position)

    def _generate(self, path, rows):
        command = [self._pinion, "generate", "--rows", str(rows), "--out", str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _write_integers(self, path):
        random = numpy.random.default_rng(1)
        with feather_writer(path, integers_schema(), None) as writer:
            for begin in range(0, self.rows, INT64_BATCH_ROWS):
                length = min(INT64_BATCH_ROWS, self.rows - begin)
                columns = [random.integers(0, 2**62, length) for _ in range(INT64_COLUMNS)]
                writer.write(pa.record_batch(columns, schema=integers_schema()))

    def _write_parquet(self, folder, _, scale):
        tool = pathlib.Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run(
            [tool, "parquet", "--scale-factor", str(scale), "--output-dir", folder],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def _write_feather(self, folder, kind, scale):
        folder.mkdir()
        for name, path in self.tpch("parquet", scale).items():
            table = pa.parquet.ParquetFile(path)
            target = folder / f"{name}.feather"
            schema = table.schema_arrow if kind == "views" else with_strings(table.schema_arrow)
            compression = None if kind == "plain" else "lz4"
            with feather_writer(target, schema, compression) as writer:
                for batch in table.iter_batches(BATCH_ROWS):
                    writer.write(batch.cast(schema))

    def _write_database(self, path, scale):
        import duckdb

        with duckdb.connect() as database:
            database.execute(f"ATTACH '{path}' AS made (STORAGE_VERSION 'v1.5.0')")
            for name, table in self.tpch("parquet", scale).items():
                database.execute(f"CREATE TABLE made.{name} AS FROM '{table}'")


def integers_schema():
    return pa.schema([(f"c{column}", pa.int64()) for column in range(INT64_COLUMNS)])


def with_strings(schema):
    """The schema with strings for string views."""
    return pa.schema([
        field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field
        for field in schema
    ])


def feather_writer(target, schema, compression):
    target = str(target) if isinstance(target, pathlib.Path) else target
    options = pa.ipc.IpcWriteOptions(compression=compression)
    return pa.ipc.new_file(target, schema, options=options)


class FileWithHoles:
    """A file for writing that leaves holes where a whole column of a batch is zeros."""

    ZEROS = bytes(8 * INT64_BATCH_ROWS)

    def __init__(self, path):
        self._file = open(path, "wb")
        self.closed = False

    def write(self, data):
        if data != self.ZEROS:
            return self._file.write(data)
        self._file.seek(len(data), 1)
        return len(data)

    def tell(self):
        return self._file.tell()

    def flush(self):
        self._file.flush()

    def close(self):
        self._file.close()
        self.closed = True


def write_zeros(path, rows):
    column = numpy.zeros(INT64_BATCH_ROWS, dtype=numpy.int64)
    batch = pa.record_batch([column] * INT64_COLUMNS, schema=integers_schema())
    file = FileWithHoles(path)
    with feather_writer(pa.PythonFile(file, "w"), batch.schema, None) as writer:
        for begin in range(0, rows, INT64_BATCH_ROWS):
            writer.write(batch.slice(0, rows - begin))
    file.close()
