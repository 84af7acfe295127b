// The relay as both ways of reading need it: messages, refusals, requests, tokens.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;

/// <summary>What the relay says; which fields it has depends on its type. Others are passed over.</summary>
[DataContract]
public sealed class Message
{
    [DataMember(Name = "type")] public string Type { get; set; }
    [DataMember(Name = "cursor")] public string Cursor { get; set; }
    [DataMember(Name = "eventType")] public string EventType { get; set; }
    [DataMember(Name = "entityId")] public string EntityId { get; set; }
    [DataMember(Name = "time")] public string Time { get; set; }
    [DataMember(Name = "from")] public string From { get; set; }
    [DataMember(Name = "to")] public string To { get; set; }
    [DataMember(Name = "cause")] public string Cause { get; set; }
    [DataMember(Name = "inMs")] public int InMs { get; set; }
    [DataMember(Name = "expires")] public string Expires { get; set; }
    [DataMember(Name = "code")] public string Code { get; set; }
    [DataMember(Name = "message")] public string Text { get; set; }
    [DataMember(Name = "help")] public string Help { get; set; }
    [DataMember(Name = "retryAfterMs")] public int RetryAfterMs { get; set; }

    /// <summary>Says what a message tells that is no event.</summary>
    public void Tell()
    {
        // Events may be missing in a gap: whoever keeps a state asks Genesys Cloud for it again.
        if (Type == "gap") Console.Error.WriteLine($"gap from {From} to {To ?? "now"} ({Cause}): {Text}");
        if (Type == "notice") Console.Error.WriteLine($"notice: {Text} {Help}");
        // The error SHUTTING_DOWN follows, and says when to come again.
        if (Type == "closing") Console.Error.WriteLine($"closing in {InMs} ms: {Text}");
        if (Type == "auth-success") Console.Error.WriteLine($"token accepted, until {Expires}");
    }
}

/// <summary>The relay has said no, and why: in an error message, or in an answer over HTTP. They have the same fields.</summary>
public sealed class Refused : Exception
{
    /// <summary>What may be better in a while. Everything else is refused again, until somebody mends it.</summary>
    static readonly string[] temporary =
    {
        "TOKEN_EXPIRED", "SILENT", "SHUTTING_DOWN", "UNAVAILABLE", "TOO_FAST", "CONNECTIONS_FULL",
    };

    public Refused(Message refusal) : base($"{refusal.Code}: {refusal.Text} {refusal.Help}")
    {
        IsTemporary = temporary.Contains(refusal.Code);
        RetryAfterMs = refusal.RetryAfterMs;
    }

    public bool IsTemporary { get; }
    public int RetryAfterMs { get; }
}

/// <summary>A token, and for how long to use it: in the last fifth of its life there is time to get another.</summary>
public sealed class Token
{
    [DataContract]
    public sealed class Granted
    {
        [DataMember(Name = "access_token")] public string AccessToken { get; set; }
        [DataMember(Name = "expires_in")] public int ExpiresIn { get; set; }
    }

    public Token(Granted granted)
    {
        Value = granted.AccessToken;
        Use = TimeSpan.FromSeconds(granted.ExpiresIn * 0.8);
    }

    public string Value { get; }
    public TimeSpan Use { get; }
}

public sealed class Relay : IDisposable
{
    public const string Path = "/api/v2/analytics/events";

    /// <summary>Heartbeats come every 15 s: a connection without any for so long is dead, though nobody has said so.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    /// <summary>For so long an answer is waited for.</summary>
    public static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(10);

    public readonly string Url = Variable("TRUNKLINE_URL", "http://127.0.0.1:8484").TrimEnd('/');

    readonly HttpClient http = new HttpClient { Timeout = AnswerWait };

    public async Task<Token> NewToken()
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Variable("TRUNKLINE_CLIENT_ID", ""),
            ["client_secret"] = Variable("TRUNKLINE_CLIENT_SECRET", ""),
        };
        var request = new HttpRequestMessage(HttpMethod.Post, $"{Url}/oauth/token")
        {
            Content = new FormUrlEncodedContent(form),
        };
        return new Token(await Ask<Token.Granted>(request));
    }

    /// <summary>Sends a request, and reads the JSON of its answer.</summary>
    public async Task<T> Ask<T>(HttpRequestMessage request)
    {
        using (var response = await Send(request))
            return Json.Read<T>(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a request, and gives its answer when the headers are there.</summary>
    public async Task<HttpResponseMessage> Send(HttpRequestMessage request)
    {
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw ErrorOf((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public static HttpRequestMessage Request(HttpMethod method, string address, Token token)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        return request;
    }

    /// <summary>The error that an answer over HTTP stands for.</summary>
    static Exception ErrorOf(int status, string body)
    {
        if (body.StartsWith("{\"code\":")) return new Refused(Json.Read<Message>(body));
        // Something between us and the relay has answered in its stead: a proxy, a load balancer.
        return new HttpRequestException($"HTTP {status}: {body.Substring(0, Math.Min(body.Length, 200))}");
    }

    static string Variable(string name, string otherwise) => Environment.GetEnvironmentVariable(name) ?? otherwise;

    public void Dispose() => http.Dispose();
}

/// <summary>JSON as every .NET has it.</summary>
public static class Json
{
    public static T Read<T>(string text)
    {
        using (var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text)))
            return (T)new DataContractJsonSerializer(typeof(T)).ReadObject(bytes);
    }
}
