import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values of java.sql as the scenarios' JSON, and back. */
final class Values {
  private Values() {}

  private static final DateTimeFormatter MOMENT =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter();

  static Object get(ResultSet rows, int place) throws SQLException {
    if (rows.getMetaData().getColumnType(place) == Types.TIMESTAMP_WITH_TIMEZONE) {
      Timestamp value = rows.getTimestamp(place);
      return value == null ? null : MOMENT.format(value.toLocalDateTime()) + "Z";
    }
    Object value = rows.getObject(place);
    if (value instanceof Timestamp) {
      return moment(rows, place);
    }
    return toJson(value);
  }

  /** With Z where the column has a zone, of which the driver tells only by refusing. */
  private static String moment(ResultSet rows, int place) throws SQLException {
    OffsetDateTime moment;
    try {
      moment = rows.getObject(place, OffsetDateTime.class);
    } catch (SQLException withoutZone) {
      return MOMENT.format(rows.getObject(place, LocalDateTime.class));
    }
    return MOMENT.format(moment.withOffsetSameInstant(ZoneOffset.UTC)) + "Z";
  }

  static Object toJson(Object value) throws SQLException {
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number) ? value : Double.toString(number);
    }
    if (value instanceof BigDecimal) {
      return ((BigDecimal) value).toPlainString();
    }
    if (value instanceof byte[]) {
      return "0x" + HexFormat.of().formatHex((byte[]) value);
    }
    if (value instanceof Date || value instanceof Time) {
      return value.toString();
    }
    if (value instanceof Timestamp) {
      return MOMENT.format(((Timestamp) value).toLocalDateTime());
    }
    if (value instanceof int[]) {
      return Arrays.stream((int[]) value).boxed().collect(Collectors.toList());
    }
    if (value instanceof long[]) {
      return Arrays.stream((long[]) value).boxed().collect(Collectors.toList());
    }
    if (value instanceof Array) {
      return list((Object[]) ((Array) value).getArray());
    }
    if (value instanceof Struct) {
      return list(((Struct) value).getAttributes());
    }
    if (value instanceof List) {
      return list(((List<?>) value).toArray());
    }
    if (value instanceof Map) {
      Map<String, Object> object = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        object.put(entry.getKey().toString(), toJson(entry.getValue()));
      }
      return object;
    }
    if (value instanceof Number || value instanceof Boolean || value == null) {
      return value;
    }
    return value.toString();
  }

  private static List<Object> list(Object[] items) throws SQLException {
    List<Object> list = new ArrayList<>();
    for (Object item : items) {
      list.add(toJson(item));
    }
    return list;
  }

  static void bind(PreparedStatement statement, List<String> types, JsonArray values)
      throws SQLException {
    for (int i = 0; i < values.size(); ++i) {
      bind(statement, i + 1, types.get(i), values.get(i));
    }
  }

  private static void bind(PreparedStatement statement, int place, String type, JsonElement value)
      throws SQLException {
    if (value.isJsonNull()) {
      statement.setNull(place, type.equals("utf8") ? Types.VARCHAR : Types.BIGINT);
      return;
    }
    switch (type.replaceFirst("\\(.*", "")) {
      case "int64":
        statement.setLong(place, value.getAsLong());
        break;
      case "int32":
        statement.setInt(place, value.getAsInt());
        break;
      case "float64":
        statement.setDouble(place, value.getAsDouble());
        break;
      case "bool":
        statement.setBoolean(place, value.getAsBoolean());
        break;
      case "binary":
        statement.setBytes(place, HexFormat.of().parseHex(value.getAsString().substring(2)));
        break;
      case "decimal128":
        statement.setBigDecimal(place, value.getAsBigDecimal());
        break;
      case "date32":
        statement.setDate(place, Date.valueOf(value.getAsString()));
        break;
      case "timestamp_us":
        statement.setTimestamp(
            place, Timestamp.valueOf(LocalDateTime.parse(value.getAsString())));
        break;
      default:
        statement.setString(place, value.getAsString());
    }
  }
}
