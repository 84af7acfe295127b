// Reads from a WebSocket.
using System;
using System.IO;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

public sealed class EventSocket
{
    readonly Relay relay;
    readonly Progress progress;

    public EventSocket(Relay relay, Progress progress)
    {
        this.relay = relay;
        this.progress = progress;
    }

    /// <summary>Connects, and listens until nothing is left to be read. It throws when the connection ends before.</summary>
    public async Task Listen()
    {
        var token = await relay.NewToken();
        using (var end = new CancellationTokenSource())
        using (var socket = new ClientWebSocket())
        using (var sending = new SemaphoreSlim(1))
        {
            // In the header it is there before the first message. Instead, {"type":"auth",...} may be sent first.
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token.Value);
            var address = new Uri("ws" + relay.Url.Substring("http".Length) + Relay.Path);
            using (var late = new CancellationTokenSource(Relay.AnswerWait)) await socket.ConnectAsync(address, late.Token);
            Func<string, Task> send = async text =>
            {
                // A socket sends one message at a time.
                await sending.WaitAsync(end.Token);
                try
                {
                    var bytes = new ArraySegment<byte>(Encoding.UTF8.GetBytes(text));
                    await socket.SendAsync(bytes, WebSocketMessageType.Text, true, end.Token);
                }
                finally
                {
                    sending.Release();
                }
            };
            var place = progress.Since == null ? "" : $",\"since\":\"{progress.Since}\"";
            await send($"{{\"id\":\"mine\",{Events.Wanted}{place}}}");
            var renewing = Renew(token, send, end.Token);
            var reading = Read(socket, send);
            try
            {
                // Whichever ends first says how it all ends; the token is renewed without an end.
                await await Task.WhenAny(reading, renewing);
            }
            finally
            {
                end.Cancel();
                socket.Abort();
                // What the other one says now is that it was called off.
                await Task.WhenAll(reading, renewing).ContinueWith(_ => _.Exception);
            }
        }
    }

    /// <summary>Sends a new token before each one expires, which keeps the socket.</summary>
    async Task Renew(Token token, Func<string, Task> send, CancellationToken end)
    {
        while (true)
        {
            await Task.Delay(token.Use, end);
            token = await relay.NewToken();
            await send($"{{\"type\":\"auth\",\"data\":{{\"token\":\"{token.Value}\"}}}}");
        }
    }

    async Task Read(WebSocket socket, Func<string, Task> send)
    {
        var part = new ArraySegment<byte>(new byte[64 * 1024]);
        while (progress.Left > 0)
        {
            using (var whole = new MemoryStream())
            using (var silence = new CancellationTokenSource(Relay.Silence))
            {
                WebSocketReceiveResult result;
                do
                {
                    // Pings are answered by the library meanwhile.
                    result = await socket.ReceiveAsync(part, silence.Token);
                    whole.Write(part.Array, 0, result.Count);
                } while (!result.EndOfMessage);
                if (result.MessageType == WebSocketMessageType.Close)
                    throw new IOException($"the connection was closed with {(int?)socket.CloseStatus} {socket.CloseStatusDescription}");
                await Hear(Json.Read<Message>(Encoding.UTF8.GetString(whole.ToArray())), send);
            }
        }
    }

    async Task Hear(Message message, Func<string, Task> send)
    {
        switch (message.Type)
        {
            case "event":
                progress.Take(message);
                break;
            case "subscribed":
                progress.Since = progress.Since ?? message.Cursor;
                break;
            case "gap":
                // Events, gaps and heartbeats say how far everything has been sent.
                progress.Since = message.Cursor;
                break;
            case "heartbeat":
                progress.Since = message.Cursor ?? progress.Since;
                await send("{\"type\":\"keepalive\"}");
                break;
            case "error":
                throw new Refused(message);
        }
        message.Tell();
    }
}
