import java.sql.SQLTimeoutException;
import java.util.Map;
import org.apache.arrow.driver.jdbc.shaded.org.apache.arrow.flight.FlightRuntimeException;

/** What went wrong, by gRPC's name for it. */
final class JdbcErrors {
  private JdbcErrors() {}

  private static final Map<String, String> GRPC_NAMES =
      Map.of("TIMED_OUT", "DEADLINE_EXCEEDED", "UNAUTHORIZED", "PERMISSION_DENIED");

  static Map<String, Object> answer(Throwable error) {
    String code = "UNKNOWN";
    StringBuilder message = new StringBuilder();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      message.append(cause).append('\n');
      if (cause instanceof SQLTimeoutException) {
        code = "DEADLINE_EXCEEDED";
      } else if (cause instanceof FlightRuntimeException) {
        String name = ((FlightRuntimeException) cause).status().code().name();
        code = GRPC_NAMES.getOrDefault(name, name);
      }
    }
    return Map.of("error", code, "message", message.toString());
  }
}
