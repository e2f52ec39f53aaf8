import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;

/**
 * Makes any call of java.sql that it is told to: a line of JSON is a call, another its answer.
 *
 * <p>{"connect": URL}, {"on": HANDLE, "call": METHOD, "arguments": […]}, and {"all": HANDLE} for
 * the rest of a ResultSet. An answer is {"value": …}, {"handle": N} of an object of java.sql, or
 * {"error": CLASS, …}. See jdbc.py for how arguments are written.
 */
public final class JdbcCalls {
  private final Map<Integer, Object> objects = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    // A timestamp without zone comes through java.sql's in the zone of the machine.
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // The driver's logging must not get between the answers.
    System.setOut(System.err);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    JdbcCalls calls = new JdbcCalls();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(gson.toJson(calls.answer(JsonParser.parseString(line).getAsJsonObject())));
    }
    System.exit(0); // whatever threads the driver has left behind
  }

  private Map<String, Object> answer(JsonObject step) throws Exception {
    try {
      if (step.has("connect")) {
        return answerOf(DriverManager.getConnection(step.get("connect").getAsString()));
      }
      if (step.has("all")) {
        return all((ResultSet) objects.get(step.get("all").getAsInt()));
      }
      return call(step);
    } catch (InvocationTargetException error) {
      return failure(error.getCause());
    } catch (SQLException | RuntimeException error) {
      return failure(error);
    }
  }

  private Map<String, Object> call(JsonObject step) throws Exception {
    Object target = objects.get(step.get("on").getAsInt());
    List<Object> arguments = new ArrayList<>();
    for (JsonElement argument : step.getAsJsonArray("arguments")) {
      arguments.add(JdbcArguments.fromJson(argument));
    }
    Method method = methodOf(target, step.get("call").getAsString(), arguments);
    return answerOf(method.invoke(target, arguments.toArray()));
  }

  private Map<String, Object> answerOf(Object result) throws SQLException {
    Map<String, Object> answer = new LinkedHashMap<>();
    if (isOfJavaSql(result)) {
      objects.put(objects.size(), result);
      answer.put("handle", objects.size() - 1);
    } else {
      answer.put("value", Values.toJson(result));
    }
    return answer;
  }

  /** Handles are for what has methods; dates, arrays and structs are values. */
  private static boolean isOfJavaSql(Object result) {
    return result instanceof java.sql.Wrapper || result instanceof java.sql.ParameterMetaData;
  }

  private static Map<String, Object> all(ResultSet rows) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    List<Object> all = new ArrayList<>();
    while (rows.next()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int place = 1; place <= columns.getColumnCount(); ++place) {
        row.put(columns.getColumnLabel(place), Values.get(rows, place));
      }
      all.add(row);
    }
    return Map.of("value", all);
  }

  private static Method methodOf(Object target, String name, List<Object> arguments) {
    List<Class<?>> interfaces = new ArrayList<>();
    for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
      for (Class<?> implemented : type.getInterfaces()) {
        addWithParents(implemented, interfaces);
      }
    }
    for (Class<?> type : interfaces) {
      for (Method method : type.getMethods()) {
        if (method.getName().equals(name)
            && JdbcArguments.fit(method.getParameterTypes(), arguments)) {
          return method;
        }
      }
    }
    String types =
        arguments.stream()
            .map(argument -> argument == null ? "null" : argument.getClass().getSimpleName())
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("java.sql has no " + name + "(" + types + ")");
  }

  private static void addWithParents(Class<?> type, List<Class<?>> all) {
    if (type.getName().startsWith("java.sql.")) {
      all.add(type);
    }
    for (Class<?> parent : type.getInterfaces()) {
      addWithParents(parent, all);
    }
  }

  private static Map<String, Object> failure(Throwable error) {
    Map<String, Object> answer = new LinkedHashMap<>(JdbcErrors.answer(error));
    answer.put("grpc", answer.get("error"));
    answer.put("error", error.getClass().getSimpleName());
    if (error instanceof SQLException) {
      answer.put("sqlstate", ((SQLException) error).getSQLState());
    }
    return answer;
  }
}
