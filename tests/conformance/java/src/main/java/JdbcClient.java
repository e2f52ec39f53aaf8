import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Carries out steps. A session of the list is a connection here, and so is a transaction.
 *
 * <p>The driver has no transactions: its commit does nothing. What a client of it can do is SQL,
 * in the session that the server opens for clients that keep cookies.
 */
final class JdbcClient implements AutoCloseable {
  private record Open(Statement statement, ResultSet rows, long[] read) {}

  private final String url;
  private final Map<String, Connection> connections = new HashMap<>();
  private final Map<String, Open> results = new HashMap<>();

  JdbcClient(String uri) {
    url = uri.replaceFirst("^grpc:", "jdbc:arrow-flight-sql:") + "/?useEncryption=false";
  }

  @Override
  public void close() throws SQLException {
    for (Open result : results.values()) {
      result.statement().close();
    }
    results.clear();
    for (Connection connection : connections.values()) {
      connection.close();
    }
    connections.clear();
  }

  Map<String, Object> answer(JsonObject step) throws Exception {
    String kind = step.keySet().iterator().next();
    JsonElement value = step.get(kind);
    switch (kind) {
      case "scenario":
        close();
        return Map.of();
      case "query":
        return query(step, value.getAsString());
      case "update":
        return update(step, value.getAsString());
      case "many":
        return many(step, value.getAsString());
      case "drain":
        return drain(value.getAsString());
      case "open":
        return open(value.getAsString(), step.get("sql").getAsString());
      case "read":
        return read(value.getAsString());
      case "rest":
        return rest(value.getAsString());
      case "cancel":
        return cancel(value.getAsString());
      case "cancel_while":
        return cancelWhile(value.getAsString());
      case "begin":
        return execute(connection("in " + value.getAsString()), "BEGIN TRANSACTION");
      case "commit":
        return execute(connection("in " + value.getAsString()), "COMMIT");
      case "rollback":
        return execute(connection("in " + value.getAsString()), "ROLLBACK");
      case "tables":
        return tables(value.getAsJsonObject());
      case "table_schema":
        return Map.of("fields", ColumnTypes.ofTable(connection(""), value.getAsString()));
      case "prepare":
        return prepare(value.getAsString());
      case "set_schema":
        return setSchema(value.getAsString());
      default:
        return Map.of("unsupported", "JDBC has no call for " + kind);
    }
  }

  private Connection connection(String name) throws SQLException {
    Connection connection = connections.get(name);
    if (connection == null) {
      connection = DriverManager.getConnection(url);
      connections.put(name, connection);
      // The driver's first call, by which the server gets to know that it keeps cookies.
      connection.getMetaData().getDatabaseProductName();
    }
    return connection;
  }

  private Connection connectionOf(JsonObject step) throws SQLException {
    if (step.has("in")) {
      return connection("in " + step.get("in").getAsString());
    }
    return connection(step.has("on") ? step.get("on").getAsString() : "");
  }

  private Map<String, Object> query(JsonObject step, String sql) throws SQLException {
    try (PreparedStatement statement = connectionOf(step).prepareStatement(sql)) {
      if (step.has("seconds")) {
        statement.setQueryTimeout(step.get("seconds").getAsInt());
      }
      if (step.has("parameters")) {
        Values.bind(statement, types(step), step.getAsJsonArray("parameters"));
      }
      try (ResultSet rows = statement.executeQuery()) {
        ResultSetMetaData columns = rows.getMetaData();
        List<String> names = new ArrayList<>();
        for (int place = 1; place <= columns.getColumnCount(); ++place) {
          names.add(columns.getColumnLabel(place));
        }
        List<Object> all = new ArrayList<>();
        while (rows.next()) {
          List<Object> row = new ArrayList<>();
          for (int place = 1; place <= names.size(); ++place) {
            row.add(Values.get(rows, place));
          }
          all.add(row);
        }
        return Map.of("columns", names, "rows", all);
      }
    }
  }

  private static List<String> types(JsonObject step) {
    List<String> types = new ArrayList<>();
    for (JsonElement type : step.getAsJsonArray("parameter_types")) {
      types.add(type.getAsString());
    }
    return types;
  }

  private static Map<String, Object> counted(Long count) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("count", count == null || count < 0 ? null : count);
    return answer;
  }

  private Map<String, Object> update(JsonObject step, String sql) throws SQLException {
    try (Statement statement = connectionOf(step).createStatement()) {
      return counted(statement.executeLargeUpdate(sql));
    }
  }

  private Map<String, Object> many(JsonObject step, String sql) throws SQLException {
    try (PreparedStatement statement = connectionOf(step).prepareStatement(sql)) {
      for (JsonElement row : step.getAsJsonArray("parameters")) {
        Values.bind(statement, types(step), (JsonArray) row);
        statement.addBatch();
      }
      long sum = 0;
      for (long count : statement.executeLargeBatch()) {
        sum += count;
      }
      return counted(sum);
    }
  }

  private Map<String, Object> drain(String sql) throws SQLException {
    try (Statement statement = connection("").createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      long total = 0;
      long sum = 0;
      while (rows.next()) {
        ++total;
        sum += rows.getLong(1);
      }
      return Map.of("total", total, "sum", sum);
    }
  }

  private Map<String, Object> open(String id, String sql) throws SQLException {
    Statement statement = connection("").createStatement();
    results.put(id, new Open(statement, statement.executeQuery(sql), new long[1]));
    return Map.of();
  }

  private Map<String, Object> read(String id) throws SQLException {
    Open open = results.get(id);
    if (!open.rows().next()) {
      throw new SQLException("the result has no row");
    }
    ++open.read()[0];
    return Map.of("first", Values.get(open.rows(), 1));
  }

  private Map<String, Object> rest(String id) throws SQLException {
    Open open = results.remove(id);
    try (Statement statement = open.statement()) {
      while (open.rows().next()) {
        ++open.read()[0];
      }
      return Map.of("total", open.read()[0]);
    }
  }

  private Map<String, Object> cancel(String id) throws SQLException {
    Open open = results.remove(id);
    try (Statement statement = open.statement()) {
      statement.cancel();
    }
    return Map.of();
  }

  private Map<String, Object> cancelWhile(String sql) throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (Statement statement = connection("").createStatement()) {
      Thread canceller =
          new Thread(
              () -> {
                try {
                  while (!ended.await(100, TimeUnit.MILLISECONDS)) {
                    statement.cancel();
                  }
                } catch (InterruptedException | SQLException error) {
                  // The step's own error says what became of it.
                }
              });
      canceller.start();
      try (ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {}
      } finally {
        ended.countDown();
        canceller.join();
      }
      return Map.of();
    }
  }

  private static Map<String, Object> execute(Connection connection, String sql)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
    return Map.of();
  }

  private Map<String, Object> tables(JsonObject wanted) throws SQLException {
    String[] types = null;
    if (wanted.has("types")) {
      JsonArray array = wanted.getAsJsonArray("types");
      types = new String[array.size()];
      for (int i = 0; i < types.length; ++i) {
        types[i] = array.get(i).getAsString();
      }
    }
    List<String> names = new ArrayList<>();
    String pattern = wanted.get("name").getAsString();
    try (ResultSet rows = connection("").getMetaData().getTables(null, null, pattern, types)) {
      while (rows.next()) {
        names.add(rows.getString("TABLE_NAME"));
      }
    }
    return Map.of("names", names);
  }

  private Map<String, Object> prepare(String sql) throws SQLException {
    try (PreparedStatement statement = connection("").prepareStatement(sql)) {
      return Map.of(
          "fields", ColumnTypes.ofResult(statement.getMetaData()),
          "parameter_count", statement.getParameterMetaData().getParameterCount());
    }
  }

  private Map<String, Object> setSchema(String name) throws SQLException {
    return execute(connection(""), "SET schema = '" + name.replace("'", "''") + "'");
  }
}
