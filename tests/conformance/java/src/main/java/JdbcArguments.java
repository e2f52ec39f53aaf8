import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.util.Calendar;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;

/**
 * Arguments of calls. JSON's own text, truth and null are Java's; a number is an int; everything
 * else is written {"type": value}.
 */
final class JdbcArguments {
  private JdbcArguments() {}

  private static final Map<Class<?>, Class<?>> BOXES =
      Map.of(
          boolean.class, Boolean.class,
          byte.class, Byte.class,
          short.class, Short.class,
          int.class, Integer.class,
          long.class, Long.class,
          float.class, Float.class,
          double.class, Double.class);

  static Object fromJson(JsonElement json) {
    if (json.isJsonNull()) {
      return null;
    }
    if (json.isJsonObject()) {
      JsonObject object = json.getAsJsonObject();
      String type = object.keySet().iterator().next();
      return typed(type, object.get(type));
    }
    if (json.getAsJsonPrimitive().isBoolean()) {
      return json.getAsBoolean();
    }
    if (json.getAsJsonPrimitive().isNumber()) {
      return json.getAsInt();
    }
    return json.getAsString();
  }

  private static Object typed(String type, JsonElement value) {
    switch (type) {
      case "byte":
        return value.getAsByte();
      case "short":
        return value.getAsShort();
      case "long":
        return value.getAsLong();
      case "float":
        return value.getAsFloat();
      case "double":
        return value.getAsDouble();
      case "decimal":
        return new BigDecimal(value.getAsString());
      case "bytes":
        return HexFormat.of().parseHex(value.getAsString());
      case "date":
        return Date.valueOf(value.getAsString());
      case "time":
        return Time.valueOf(value.getAsString());
      case "timestamp":
        return Timestamp.valueOf(LocalDateTime.parse(value.getAsString()));
      case "calendar":
        return Calendar.getInstance(TimeZone.getTimeZone(value.getAsString()));
      case "strings":
        return value.getAsJsonArray().asList().stream()
            .map(JsonElement::getAsString)
            .toArray(String[]::new);
      default:
        throw new IllegalArgumentException("there is no type of arguments '" + type + "'");
    }
  }

  static boolean fit(Class<?>[] types, List<Object> arguments) {
    if (types.length != arguments.size()) {
      return false;
    }
    for (int i = 0; i < types.length; ++i) {
      Object argument = arguments.get(i);
      boolean fits =
          argument == null
              ? !types[i].isPrimitive()
              : BOXES.getOrDefault(types[i], types[i]).isInstance(argument);
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
