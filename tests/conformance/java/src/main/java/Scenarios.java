import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TimeZone;

/** The scenarios' steps by the JDBC driver. See ../../../../README.md. */
public final class Scenarios {
  private Scenarios() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 1) {
      System.err.println("usage: Scenarios grpc://HOST:PORT < steps > answers");
      System.exit(2);
    }
    // A timestamp without zone comes through java.sql's in the zone of the machine.
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // The driver's logging must not get between the answers.
    System.setOut(System.err);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (JdbcClient client = new JdbcClient(arguments[0])) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(gson.toJson(answerTo(client, JsonParser.parseString(line).getAsJsonObject())));
      }
    }
  }

  private static Map<String, Object> answerTo(JdbcClient client, JsonObject step) {
    try {
      return client.answer(step);
    } catch (Exception error) {
      return JdbcErrors.answer(error);
    }
  }
}
