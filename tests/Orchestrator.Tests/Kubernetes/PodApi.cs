using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Kubernetes;

/// <summary>The pods of an API server, over HTTP, in the shapes that a real one (v1.34) answers: create, read, list by label and page, watch from a resource
/// version, delete, log. What happens to a pod is told by the test.</summary>
internal sealed class PodApi : IAsyncDisposable
{
    private const string Path = "/api/v1/namespaces/{ns}/pods";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _pods = [];
    private readonly List<(long Version, string Kind, JsonObject Pod)> _history = [];
    private readonly List<Channel<(long Version, string Kind, JsonObject Pod)>> _watchers = [];
    private readonly ConcurrentQueue<Func<HttpContext, bool>> _faults = new();
    private readonly WebApplication _host;
    private long _version = 1_000;
    private long _oldest = 1_000;

    private PodApi(WebApplication host) => _host = host;

    public string Address => _host.Urls.Single();

    /// <summary>Requests as <c>POST</c>, <c>LIST</c>, <c>WATCH version</c>, <c>GET name</c>, <c>DELETE name grace</c>, <c>LOG name</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public ConcurrentDictionary<string, string> Logs { get; } = new();

    public IReadOnlyList<JsonObject> Pods
    {
        get
        {
            lock (_gate)
            {
                return [.. _pods.Values.Select(pod => (JsonObject)pod.DeepClone())];
            }
        }
    }

    public static async Task<PodApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var host = builder.Build();
        host.Urls.Add("http://127.0.0.1:0");
        var api = new PodApi(host);
        host.Use(async (http, next) =>
        {
            if (api._faults.TryPeek(out var fault) && fault(http))
            {
                api._faults.TryDequeue(out _);
                return;
            }

            await next(http);
        });
        host.MapPost(Path, api.CreateAsync);
        host.MapGet(Path, api.ListOrWatchAsync);
        host.MapGet(Path + "/{name}", (string name) => api.Read(name));
        host.MapDelete(Path + "/{name}", api.Delete);
        host.MapGet(Path + "/{name}/log", (string name) =>
        {
            api.Requests.Enqueue($"LOG {name}");
            return Results.Text(api.Logs.GetValueOrDefault(name, string.Empty));
        });
        await host.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    /// <summary>The next request of a method is answered with a status instead.</summary>
    public void Refuse(string method, int status, string message = "no", int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _faults.Enqueue(http =>
            {
                if (http.Request.Method != method || http.Request.Query.ContainsKey("watch"))
                {
                    return false;
                }

                http.Response.StatusCode = status;
                http.Response.ContentType = "application/json";
                http.Response.WriteAsync(StatusOf(status, message).ToJsonString()).GetAwaiter().GetResult();
                return true;
            });
        }
    }

    public void Run(string name) => Set(name, new JsonObject
    {
        ["phase"] = "Running",
        ["containerStatuses"] = Container(new JsonObject { ["running"] = new JsonObject { ["startedAt"] = "2026-01-05T12:00:00Z" } }),
    });

    public void Wait(string name, string reason, string message) => Set(name, new JsonObject
    {
        ["phase"] = "Pending",
        ["containerStatuses"] = Container(new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message } }),
    });

    public void End(string name, int exitCode, string reason = "Completed", string? message = null, string? podReason = null)
    {
        var terminated = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason, ["finishedAt"] = "2026-01-05T12:05:00Z" };
        if (message is not null)
        {
            terminated["message"] = message;
        }

        var status = new JsonObject
        {
            ["phase"] = exitCode == 0 && podReason is null ? "Succeeded" : "Failed",
            ["containerStatuses"] = Container(new JsonObject { ["terminated"] = terminated }),
        };
        if (podReason is not null)
        {
            status["reason"] = podReason;
            status["message"] = "told by the node";
        }

        Set(name, status);
    }

    /// <summary>As a node or a person deletes it.</summary>
    public void Remove(string name)
    {
        lock (_gate)
        {
            if (_pods.Remove(name, out var pod))
            {
                Tell("DELETED", pod);
            }
        }
    }

    /// <summary>Ends every watch, and forgets the versions before: later watches from them are told "too old".</summary>
    public void Compact()
    {
        lock (_gate)
        {
            _oldest = ++_version;
            _history.Clear();
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
            _watchers.Clear();
        }
    }

    public async Task<string> NameAsync(Func<JsonObject, bool>? which = null) => await EngineHarness.UntilAsync(() =>
        Task.FromResult(Pods.Where(which ?? (_ => true)).Select(pod => (string)pod["metadata"]!["name"]!).FirstOrDefault()));

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
        }

        await _host.DisposeAsync();
    }

    private static JsonArray Container(JsonObject state) =>
        [new JsonObject { ["name"] = "task", ["image"] = "i", ["imageID"] = "", ["ready"] = false, ["restartCount"] = 0, ["state"] = state }];

    private static JsonObject StatusOf(int code, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = code switch { 404 => "NotFound", 409 => "AlreadyExists", 410 => "Expired", 403 => "Forbidden", 422 => "Invalid", _ => "InternalError" },
        ["code"] = code,
    };

    private static IResult Failure(int code, string message) =>
        Results.Text(StatusOf(code, message).ToJsonString(), "application/json", statusCode: code);

    private static bool Matches(JsonObject pod, string? selector) => (selector ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries)
        .All(part => part.Split('=') is [var key, var value] && (string?)pod["metadata"]!["labels"]?[key] == value);

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        Requests.Enqueue("POST");
        var pod = (JsonObject)(await JsonNode.ParseAsync(request.Body))!;
        var name = (string)pod["metadata"]!["name"]!;
        lock (_gate)
        {
            if (_pods.ContainsKey(name))
            {
                return Failure(409, $"pods \"{name}\" already exists");
            }

            pod["metadata"]!["uid"] = Guid.NewGuid().ToString();
            pod["metadata"]!["creationTimestamp"] = "2026-01-05T12:00:00Z";
            pod["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "Burstable" };
            _pods[name] = pod;
            Tell("ADDED", pod);
            return Results.Text(pod.ToJsonString(), "application/json", statusCode: 201);
        }
    }

    private IResult Read(string name)
    {
        Requests.Enqueue($"GET {name}");
        lock (_gate)
        {
            return _pods.TryGetValue(name, out var pod) ? Results.Text(pod.ToJsonString(), "application/json") : Failure(404, $"pods \"{name}\" not found");
        }
    }

    private IResult Delete(string name, int? gracePeriodSeconds)
    {
        Requests.Enqueue($"DELETE {name} {gracePeriodSeconds}");
        lock (_gate)
        {
            if (!_pods.TryGetValue(name, out var pod))
            {
                return Failure(404, $"pods \"{name}\" not found");
            }

            Remove(name);
            return Results.Text(pod.ToJsonString(), "application/json");
        }
    }

    private async Task ListOrWatchAsync(HttpContext http, string? labelSelector, string? resourceVersion, bool? watch, int? limit)
    {
        if (watch == true)
        {
            Requests.Enqueue($"WATCH {resourceVersion}");
            await WatchAsync(http, labelSelector, long.Parse(resourceVersion!, CultureInfo.InvariantCulture));
            return;
        }

        Requests.Enqueue("LIST");
        JsonObject list;
        lock (_gate)
        {
            // Pages of the size that is asked for, named by the last pod of the page before.
            var after = (string?)http.Request.Query["continue"];
            var rest = _pods.OrderBy(pair => pair.Key, StringComparer.Ordinal).Where(pair => Matches(pair.Value, labelSelector))
                .Where(pair => after is null || string.CompareOrdinal(pair.Key, after) > 0).ToList();
            var page = rest.Take(limit ?? int.MaxValue).ToList();
            var metadata = new JsonObject { ["resourceVersion"] = Text(_version) };
            if (page.Count < rest.Count)
            {
                metadata["continue"] = page[^1].Key;
            }

            list = new JsonObject
            {
                ["kind"] = "PodList",
                ["apiVersion"] = "v1",
                ["metadata"] = metadata,
                ["items"] = new JsonArray([.. page.Select(pair => pair.Value.DeepClone())]),
            };
        }

        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(list.ToJsonString(), http.RequestAborted);
    }

    private async Task WatchAsync(HttpContext http, string? selector, long from)
    {
        var channel = Channel.CreateUnbounded<(long Version, string Kind, JsonObject Pod)>();
        http.Response.ContentType = "application/json";
        bool isExpired;
        lock (_gate)
        {
            isExpired = from < _oldest;
            _history.Where(entry => entry.Version > from).ToList().ForEach(entry => channel.Writer.TryWrite(entry));
            _watchers.Add(channel);
        }

        if (isExpired)
        {
            var expired = new JsonObject { ["type"] = "ERROR", ["object"] = StatusOf(410, $"too old resource version: {from}") };
            await http.Response.WriteAsync(expired.ToJsonString() + "\n", http.RequestAborted);
            return;
        }

        await http.Response.Body.FlushAsync(http.RequestAborted);
        await foreach (var (_, kind, pod) in channel.Reader.ReadAllAsync(http.RequestAborted))
        {
            if (Matches(pod, selector))
            {
                await http.Response.WriteAsync(new JsonObject { ["type"] = kind, ["object"] = pod.DeepClone() }.ToJsonString() + "\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        }
    }

    private void Set(string name, JsonObject status)
    {
        lock (_gate)
        {
            _pods[name]["status"] = status;
            Tell("MODIFIED", _pods[name]);
        }
    }

    private void Tell(string kind, JsonObject pod)
    {
        pod["metadata"]!["resourceVersion"] = Text(++_version);
        var entry = (_version, kind, (JsonObject)pod.DeepClone());
        _history.Add(entry);
        _watchers.ForEach(watcher => watcher.Writer.TryWrite(entry));
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
