import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** java.sql's types by the scenarios' names for Arrow's. */
final class ColumnTypes {
  private ColumnTypes() {}

  static List<List<String>> ofResult(ResultSetMetaData columns) throws SQLException {
    List<List<String>> fields = new ArrayList<>();
    for (int place = 1; place <= columns.getColumnCount(); ++place) {
      fields.add(
          List.of(
              columns.getColumnLabel(place),
              name(
                  columns.getColumnType(place),
                  columns.getPrecision(place),
                  columns.getScale(place))));
    }
    return fields;
  }

  static List<List<String>> ofTable(Connection connection, String table) throws SQLException {
    List<List<String>> fields = new ArrayList<>();
    try (ResultSet rows = connection.getMetaData().getColumns(null, null, table, null)) {
      while (rows.next()) {
        fields.add(
            List.of(
                rows.getString("COLUMN_NAME"),
                name(
                    rows.getInt("DATA_TYPE"),
                    rows.getInt("COLUMN_SIZE"),
                    rows.getInt("DECIMAL_DIGITS"))));
      }
    }
    return fields;
  }

  private static String name(int type, int precision, int scale) {
    switch (type) {
      case Types.TINYINT:
        return "int8";
      case Types.SMALLINT:
        return "int16";
      case Types.INTEGER:
        return "int32";
      case Types.BIGINT:
        return "int64";
      case Types.FLOAT:
      case Types.REAL:
        return "float32";
      case Types.DOUBLE:
        return "float64";
      case Types.VARCHAR:
        return "utf8";
      case Types.BOOLEAN:
      case Types.BIT:
        return "bool";
      case Types.DECIMAL:
        return "decimal128(" + precision + "," + scale + ")";
      case Types.DATE:
        return "date32";
      default:
        return "java.sql.Types " + type;
    }
  }
}
