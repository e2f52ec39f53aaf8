"""The data of the benchmarks, made once and kept in build/bench/."""

import pathlib
import subprocess
import sys

import numpy
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

INT64_BATCH_ROWS = 128 * 1024


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

    def lineitem_parquet(self):
        return self._made(f"tpch_{self.scale}/lineitem.parquet", self._write_tpch)

    def lineitem_feather(self):
        return self._made(f"tpch_{self.scale}/lineitem.feather", self._write_lineitem)

    def lineitem_database(self):
        return self._made(f"tpch_{self.scale}/lineitem.duckdb", self._write_database)

    def _made(self, name, write):
        path = self._folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name("part-" + path.name)
            part.unlink(missing_ok=True)
            print(f"making {name}", file=sys.stderr)
            write(part)
            part.rename(path)
        return path

    def _write_sample(self, path):
        command = [self._pinion, "generate", "--rows", str(self.rows), "--out", str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _write_integers(self, path):
        random = numpy.random.default_rng(1)
        names = [f"c{column}" for column in range(8)]
        schema = pa.schema([(name, pa.int64()) for name in names])
        options = pa.ipc.IpcWriteOptions(compression=None)
        with pa.ipc.new_file(str(path), schema, options=options) as writer:
            for begin in range(0, self.rows, INT64_BATCH_ROWS):
                length = min(INT64_BATCH_ROWS, self.rows - begin)
                columns = [random.integers(0, 2**62, length) for _ in names]
                writer.write(pa.record_batch(columns, schema=schema))

    def _write_tpch(self, path):
        folder = path.parent
        tool = pathlib.Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run(
            [tool, "parquet", "--scale-factor", str(self.scale), "--tables", "lineitem",
             "--output-dir", folder / "made"],
            check=True,
        )
        (folder / "made" / "lineitem.parquet").rename(path)

    def _write_lineitem(self, path):
        table = pa.parquet.ParquetFile(self.lineitem_parquet())
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(str(path), table.schema_arrow, options=options) as writer:
            for batch in table.iter_batches(64 * 1024):
                writer.write(batch)

    def _write_database(self, path):
        import duckdb

        with duckdb.connect(str(path)) as database:
            database.execute(
                "CREATE TABLE lineitem AS SELECT * FROM read_parquet(?)",
                [str(self.lineitem_parquet())],
            )
