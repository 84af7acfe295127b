import java.io.*;
import java.net.*;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between.
 *
 * <pre>java Events.java [--sse] [COUNT]</pre>
 *
 * It reads from a WebSocket, or with --sse from a stream of Server-Sent Events. After COUNT events it ends.
 */
public final class Events {
    /** What is wanted: all changes of conversations and presences that the relay's credential sees. */
    static final String WANTED =
            "\"eventTypes\":[\"conversation:updated\",\"user:presence\"],\"filters\":{\"divisions\":[\"self\"]}";

    static final String RELAY = System.getenv().getOrDefault("TRUNKLINE_URL", "http://127.0.0.1:8484")
            .replaceAll("/+$", "");
    static final String PATH = "/api/v2/analytics/events";

    /** Heartbeats come every 15 s: a connection without any for so long is dead, though nobody has said so. */
    static final long SILENCE_MS = 45_000;
    /** For so long an answer is waited for. */
    static final Duration ANSWER = Duration.ofSeconds(10);
    static final long FIRST_WAIT_MS = 500;
    static final long LONGEST_WAIT_MS = 30_000;

    static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(ANSWER).build();

    /** The cursor to go on after. A program that is to miss nothing across its own restarts keeps it on disk. */
    static String since;
    /** How many events are wanted still. */
    static long left = Long.MAX_VALUE;

    public static void main(String[] arguments) throws InterruptedException {
        boolean isSse = false;
        for (String argument : arguments) {
            if (argument.equals("--sse")) isSse = true;
            else left = Long.parseLong(argument);
        }
        long waitMs = FIRST_WAIT_MS;
        while (left > 0) {
            String before = since;
            try {
                if (isSse) listenOnStream();
                else listenOnSocket();
            } catch (IOException error) {
                Refused refused = error instanceof Refused no ? no : null;
                if (refused != null && !refused.isTemporary()) {
                    System.err.println(refused.getMessage());
                    System.exit(1);
                }
                if (since != null && !since.equals(before)) waitMs = FIRST_WAIT_MS;
                // Chance keeps a thousand programs from coming back in the same instant.
                long inMs = ThreadLocalRandom.current().nextLong(waitMs / 2, waitMs);
                if (refused != null && refused.retryAfterMs > 0) inMs = refused.retryAfterMs;
                System.err.printf("interrupted: %s; again in %d ms%n", error.getMessage(), inMs);
                Thread.sleep(inMs);
                waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
            }
        }
        // The threads of the client are none of ours; they would keep the program for a while.
        System.exit(0);
    }

    /** Deals with one event. Its place is remembered afterwards: what breaks off in the middle comes again. */
    static void take(Map<String, Object> event) {
        System.out.println(String.join(" ",
                text(event, "cursor"), text(event, "eventType"), text(event, "entityId"), text(event, "time")));
        since = text(event, "cursor");
        left--;
    }

    /** Says what a message tells that is no event. */
    static void tell(Map<String, Object> message) {
        switch (text(message, "type")) {
            // Events may be missing in here: whoever keeps a state asks Genesys Cloud for it again.
            case "gap" -> System.err.printf("gap from %s to %s (%s): %s%n", text(message, "from"),
                    text(message, "to").replace("null", "now"), text(message, "cause"), text(message, "message"));
            case "notice" -> System.err.printf("notice: %s%n", text(message, "message"));
            // The error SHUTTING_DOWN follows, and says when to come again.
            case "closing" -> System.err.printf("closing for %s: %s%n", text(message, "code"), text(message, "message"));
            case "auth-success" -> System.err.printf("token accepted, until %s%n", text(message, "expires"));
            default -> { }
        }
    }

    // ── by a WebSocket ──────────────────────────────────────────────────────────────────────────────────

    /** Connects, and listens until nothing is left to be read. It throws when the connection ends before. */
    static void listenOnSocket() throws IOException, InterruptedException {
        Token token = Token.ask();
        // At most one text, since one at a time is asked for, and what has ended the connection.
        BlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
        WebSocket socket = dial(token, inbox);
        try {
            String place = since == null ? "" : ",\"since\":" + quoted(since);
            send(socket, "{\"id\":\"mine\"," + WANTED + place + "}");
            long renewAt = nowMs() + token.useMs;
            long heardAt = nowMs();
            while (left > 0) {
                if (nowMs() >= renewAt) {
                    // A new token on the open socket keeps it.
                    token = Token.ask();
                    send(socket, "{\"type\":\"auth\",\"data\":{\"token\":" + quoted(token.value) + "}}");
                    renewAt = nowMs() + token.useMs;
                }
                if (nowMs() >= heardAt + SILENCE_MS) throw new IOException("nothing has come for 45 s");
                Object heard = inbox.poll(Math.min(renewAt, heardAt + SILENCE_MS) - nowMs(), TimeUnit.MILLISECONDS);
                if (heard instanceof IOException end) throw end;
                if (heard == null) continue;
                heardAt = nowMs();
                hear(Json.object((String) heard), socket);
                // One message at a time: the next one waits in the network until this one is dealt with.
                socket.request(1);
            }
        } finally {
            socket.abort();
        }
    }

    static WebSocket dial(Token token, BlockingQueue<Object> inbox) throws IOException {
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final StringBuilder parts = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
                parts.append(part);
                if (isLast) {
                    inbox.add(parts.toString());
                    parts.setLength(0);
                } else {
                    socket.request(1);
                }
                return null;
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                inbox.add(new IOException("the connection was closed with " + code + " " + reason));
                return null;
            }

            @Override
            public void onError(WebSocket socket, Throwable error) {
                inbox.add(new IOException("the connection has ended: " + error, error));
            }
            // Pings are answered by the client itself.
        };
        try {
            return HTTP.newWebSocketBuilder().connectTimeout(ANSWER).header("Authorization", "Bearer " + token.value)
                    .buildAsync(URI.create("ws" + RELAY.substring("http".length()) + PATH), listener).join();
        } catch (CompletionException error) {
            // An upgrade that is refused is an HTTP answer. Java keeps its status, and not the body with the reason.
            if (error.getCause() instanceof WebSocketHandshakeException refused && refused.getResponse() != null) {
                int status = refused.getResponse().statusCode();
                if (status >= 400 && status < 500 && status != 429)
                    throw new Refused(Map.of("code", "HTTP " + status, "message", "The upgrade was refused."));
            }
            throw new IOException(error.getCause());
        }
    }

    static void hear(Map<String, Object> message, WebSocket socket) throws IOException {
        String cursor = text(message, "cursor");
        switch (text(message, "type")) {
            case "event" -> take(message);
            case "subscribed" -> since = since == null ? cursor : since;
            // Events, gaps and heartbeats say how far everything has been sent.
            case "gap" -> since = cursor;
            case "heartbeat" -> {
                if (message.containsKey("cursor")) since = cursor;
                send(socket, "{\"type\":\"keepalive\"}");
            }
            case "error" -> throw new Refused(message);
            default -> { }
        }
        tell(message);
    }

    static void send(WebSocket socket, String message) throws IOException {
        try {
            socket.sendText(message, true).join();
        } catch (CompletionException error) {
            throw new IOException(error.getCause());
        }
    }

    // ── by Server-Sent Events: HTTP all the way, for where WebSockets do not pass ────────────────────────

    /** The subscription stands by itself: the relay carries its topics and knows where it began, though nobody reads. */
    static Map<String, Object> standing;

    /** Connects, and listens until nothing is left to be read, or the token has expired. It throws on any other end. */
    static void listenOnStream() throws IOException, InterruptedException {
        Token token = Token.ask();
        if (standing == null) {
            HttpRequest.Builder made = request(PATH, token).header("Content-Type", "application/json");
            standing = answer(made.POST(BodyPublishers.ofString("{" + WANTED + "}")));
        }
        // Its time-out holds for each read, and heartbeats come in between. HttpClient has none such.
        HttpURLConnection stream = (HttpURLConnection) new URL(text(standing, "streamUri")).openConnection();
        stream.setReadTimeout((int) SILENCE_MS);
        stream.setRequestProperty("Authorization", "Bearer " + token.value);
        if (since != null) stream.setRequestProperty("Last-Event-ID", since);
        try {
            if (stream.getResponseCode() != 200)
                throw errorOf(stream.getResponseCode(), new String(stream.getErrorStream().readAllBytes(), UTF_8));
            if (!readBlocks(new BufferedReader(new InputStreamReader(stream.getInputStream(), UTF_8)))) return;
        } finally {
            stream.disconnect();
        }
        // Who does not come again takes it away; by itself it goes after 24 h without a reader.
        answer(request(PATH + "/" + text(standing, "id"), token).DELETE());
    }

    /** Reads lines {@code field: value}, with an empty line at the end of each block. Says whether all has been read. */
    static boolean readBlocks(BufferedReader lines) throws IOException {
        Map<String, String> block = new HashMap<>();
        while (left > 0) {
            String line = lines.readLine();
            if (line == null) throw new IOException("the stream has ended");
            int colon = line.indexOf(": ");
            if (colon > 0)
                block.merge(line.substring(0, colon), line.substring(colon + 2), (all, more) -> all + "\n" + more);
            if (!line.isEmpty()) continue;
            // The first block says only how soon a browser is to come again.
            if (block.containsKey("data")) {
                Map<String, Object> message = Json.object(block.get("data"));
                String name = block.getOrDefault("event", "message");
                if (name.equals("refused") && text(message, "code").equals("TOKEN_EXPIRED")) return false;
                if (name.equals("refused")) throw new Refused(message);
                if (name.equals("message")) take(message);
                since = block.getOrDefault("id", since);
                tell(message);
            }
            block.clear();
        }
        return true;
    }

    // ── what both ways need ─────────────────────────────────────────────────────────────────────────────

    /** A token, and for how long to use it: in the last fifth of its life there is time to get another. */
    record Token(String value, long useMs) {
        static Token ask() throws IOException, InterruptedException {
            String form = "grant_type=client_credentials&client_id=" + encoded("TRUNKLINE_CLIENT_ID")
                    + "&client_secret=" + encoded("TRUNKLINE_CLIENT_SECRET");
            HttpRequest.Builder asked = HttpRequest.newBuilder(URI.create(RELAY + "/oauth/token")).timeout(ANSWER)
                    .header("Content-Type", "application/x-www-form-urlencoded");
            Map<String, Object> granted = answer(asked.POST(BodyPublishers.ofString(form)));
            return new Token(text(granted, "access_token"), (long) ((Double) granted.get("expires_in") * 800));
        }

        private static String encoded(String variable) {
            return URLEncoder.encode(System.getenv().getOrDefault(variable, ""), UTF_8);
        }
    }

    /** The relay has said no, and why: in an error message, or in an answer over HTTP. They have the same fields. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        /** What may be better in a while. Everything else is refused again, until somebody mends it. */
        private static final Set<String> TEMPORARY = Set.of(
                "TOKEN_EXPIRED", "SILENT", "SHUTTING_DOWN", "UNAVAILABLE", "TOO_FAST", "CONNECTIONS_FULL");
        final String code;
        final long retryAfterMs;

        Refused(Map<String, Object> refusal) {
            super(text(refusal, "code") + ": " + text(refusal, "message") + " " + text(refusal, "help"));
            code = text(refusal, "code");
            retryAfterMs = refusal.get("retryAfterMs") instanceof Double ms ? ms.longValue() : 0;
        }

        boolean isTemporary() {
            return TEMPORARY.contains(code);
        }
    }

    static HttpRequest.Builder request(String path, Token token) {
        return HttpRequest.newBuilder(URI.create(RELAY + path)).timeout(ANSWER)
                .header("Authorization", "Bearer " + token.value);
    }

    static Map<String, Object> answer(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() >= 300) throw errorOf(response.statusCode(), response.body());
        return Json.object(response.body());
    }

    /** The error that an answer over HTTP stands for. */
    static IOException errorOf(int status, String body) {
        if (body.startsWith("{\"code\":")) return new Refused(Json.object(body));
        // Something between us and the relay may have answered in its stead: a proxy, a load balancer.
        return new IOException("HTTP " + status + ": " + body.substring(0, Math.min(body.length(), 200)));
    }

    static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    static String text(Map<String, Object> message, String field) {
        return String.valueOf(message.getOrDefault(field, ""));
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Java brings no JSON. Your program will have a library for it; this is what an example needs. */
    static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(String text) {
            return (Map<String, Object>) new Json(text).value();
        }

        private Object value() {
            switch (next()) {
                case '{':
                    Map<String, Object> members = new LinkedHashMap<>();
                    while (hasMore('}')) {
                        String name = (String) value();
                        next();
                        members.put(name, value());
                    }
                    return members;
                case '[':
                    List<Object> elements = new ArrayList<>();
                    while (hasMore(']')) elements.add(value());
                    return elements;
                case '"':
                    return string();
                default:
                    int start = at - 1;
                    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
                    String word = text.substring(start, at);
                    if (word.equals("null")) return null;
                    if (word.equals("true") || word.equals("false")) return word.equals("true");
                    return Double.valueOf(word);
            }
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (char next; (next = text.charAt(at++)) != '"';) {
                char escaped = next == '\\' ? text.charAt(at++) : 0;
                int simple = "bfnrt".indexOf(escaped);
                if (escaped == 0) out.append(next);
                else if (simple >= 0) out.append("\b\f\n\r\t".charAt(simple));
                else if (escaped == 'u') out.append((char) Integer.parseInt(text.substring(at, at += 4), 16));
                else out.append(escaped);
            }
            return out.toString();
        }

        /** Passes a comma, or the bracket that closes: then there is no more. */
        private boolean hasMore(char close) {
            char next = next();
            if (next != close && next != ',') at--;
            return next != close;
        }

        /** The next character that is no white space. It has been passed then. */
        private char next() {
            while (" \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return text.charAt(at++);
        }
    }
}
