// Prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between.
//
//   mono events.exe [--sse] [COUNT]
//
// It reads from a WebSocket, or with --sse from a stream of Server-Sent Events. After COUNT events it ends.
using System;
using System.IO;
using System.Net.Http;
using System.Net.WebSockets;
using System.Threading.Tasks;

/// <summary>How far we have got. It outlives the connections.</summary>
public sealed class Progress
{
    /// <summary>The cursor to go on after. A program that is to miss nothing across its own restarts keeps it on disk.</summary>
    public string Since { get; set; }

    /// <summary>How many events are wanted still.</summary>
    public long Left { get; set; } = long.MaxValue;

    /// <summary>Deals with one event. Its place is remembered afterwards: what breaks off in the middle comes again.</summary>
    public void Take(Message message)
    {
        Console.WriteLine($"{message.Cursor} {message.EventType} {message.EntityId} {message.Time}");
        Since = message.Cursor;
        Left--;
    }
}

public static class Events
{
    /// <summary>What is wanted: all changes of conversations and presences that the relay's credential sees.</summary>
    public const string Wanted =
        @"""eventTypes"":[""conversation:updated"",""user:presence""],""filters"":{""divisions"":[""self""]}";

    static readonly TimeSpan firstWait = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan longestWait = TimeSpan.FromSeconds(30);

    public static int Main(string[] arguments)
    {
        try
        {
            Follow(arguments).GetAwaiter().GetResult();
            return 0;
        }
        catch (Refused refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
    }

    /// <summary>Listens, again and again, until nothing is left to be read or the relay has refused for good.</summary>
    static async Task Follow(string[] arguments)
    {
        var progress = new Progress();
        var isSse = false;
        foreach (var argument in arguments)
        {
            if (argument == "--sse") isSse = true;
            else progress.Left = long.Parse(argument);
        }
        var random = new Random();
        using (var relay = new Relay())
        {
            var stream = new EventStream(relay, progress);
            var socket = new EventSocket(relay, progress);
            var wait = firstWait;
            while (progress.Left > 0)
            {
                var since = progress.Since;
                // Chance keeps a thousand programs from coming back in the same instant.
                var delay = TimeSpan.FromTicks((long)(wait.Ticks * (0.5 + random.NextDouble() / 2)));
                try
                {
                    await (isSse ? stream.Listen() : socket.Listen());
                    continue;
                }
                catch (Refused refused) when (refused.IsTemporary)
                {
                    if (refused.RetryAfterMs > 0) delay = TimeSpan.FromMilliseconds(refused.RetryAfterMs);
                    Console.Error.WriteLine($"interrupted: {refused.Message}");
                }
                catch (Exception error) when (IsOfNetwork(error))
                {
                    Console.Error.WriteLine($"interrupted: {error.Message}");
                }
                if (progress.Since != since) wait = firstWait;
                await Task.Delay(delay);
                wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, longestWait.Ticks));
            }
        }
    }

    /// <summary>Connections break off as one of these; a wait that was too long is called off.</summary>
    static bool IsOfNetwork(Exception error) =>
        error is WebSocketException || error is HttpRequestException || error is IOException
        || error is OperationCanceledException || error is ObjectDisposedException;
}
