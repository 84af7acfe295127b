// Reads from a stream of Server-Sent Events: HTTP all the way, for where WebSockets do not pass.
using System;
using System.IO;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Text;
using System.Threading.Tasks;

public sealed class EventStream
{
    /// <summary>A subscription that stands by itself: the relay carries its topics and knows where it began, though nobody reads.</summary>
    [DataContract]
    public sealed class Standing
    {
        [DataMember(Name = "id")] public string Id { get; set; }
        [DataMember(Name = "streamUri")] public string StreamUri { get; set; }
    }

    readonly Relay relay;
    readonly Progress progress;
    Standing standing;

    public EventStream(Relay relay, Progress progress)
    {
        this.relay = relay;
        this.progress = progress;
    }

    /// <summary>Connects, and listens until nothing is left to be read, or the token has expired. It throws on any other end.</summary>
    public async Task Listen()
    {
        var token = await relay.NewToken();
        var events = relay.Url + Relay.Path;
        if (standing == null)
        {
            var made = Relay.Request(HttpMethod.Post, events, token);
            made.Content = new StringContent($"{{{Events.Wanted}}}", Encoding.UTF8, "application/json");
            standing = await relay.Ask<Standing>(made);
        }
        var asked = Relay.Request(HttpMethod.Get, standing.StreamUri, token);
        if (progress.Since != null) asked.Headers.Add("Last-Event-ID", progress.Since);
        using (var response = await relay.Send(asked))
        using (var lines = new StreamReader(await response.Content.ReadAsStreamAsync()))
            if (!await ReadBlocks(lines)) return;
        // Who does not come again takes it away; by itself it goes after 24 h without a reader.
        using (await relay.Send(Relay.Request(HttpMethod.Delete, $"{events}/{standing.Id}", token))) { }
    }

    /// <summary>Reads lines `field: value`, with an empty line at the end of each block. Says whether all has been read.</summary>
    async Task<bool> ReadBlocks(StreamReader lines)
    {
        string cursor = null, name = "message", data = "";
        while (progress.Left > 0)
        {
            var line = await InTime(lines.ReadLineAsync());
            if (line == null) throw new IOException("the stream has ended");
            if (line.StartsWith("id: ")) cursor = line.Substring(4);
            if (line.StartsWith("event: ")) name = line.Substring(7);
            if (line.StartsWith("data: ")) data += line.Substring(6) + "\n";
            if (line != "") continue;
            // The first block says only how soon a browser is to come again.
            if (data != "")
            {
                var message = Json.Read<Message>(data);
                if (name == "refused" && message.Code == "TOKEN_EXPIRED") return false;
                if (name == "refused") throw new Refused(message);
                if (name == "message") progress.Take(message);
                progress.Since = cursor ?? progress.Since;
                message.Tell();
            }
            cursor = null;
            name = "message";
            data = "";
        }
        return true;
    }

    /// <summary>A read cannot be called off; the connection is left instead, and the read ends with it.</summary>
    static async Task<string> InTime(Task<string> reading)
    {
        if (await Task.WhenAny(reading, Task.Delay(Relay.Silence)) == reading) return await reading;
        throw new IOException($"nothing has come for {Relay.Silence.TotalSeconds} s");
    }
}
