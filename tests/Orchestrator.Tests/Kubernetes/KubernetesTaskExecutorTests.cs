using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Kubernetes;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using k8s;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Kubernetes;

public sealed class KubernetesTaskExecutorTests : IAsyncLifetime
{
    private PodApi _api = null!;
    private k8s.Kubernetes _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await PodApi.StartAsync();
        _client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = _api.Address });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_try_is_a_pod_with_its_labels_resources_command_and_variables()
    {
        var dag = new DagBuilder("d").Param("day", ParamType.String, "monday")
            .Command("load_all.sales", "/bin/load", ["--day", "{{params.day}}"], t => t.Resources(250, 512).Timeout(TimeSpan.FromHours(1)),
                new Dictionary<string, string> { ["MODE"] = "{{task}}" }).Build();
        await using var engine = await StartAsync(dag);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);

        var name = await _api.NameAsync();
        var pod = _api.Pods[0];
        Assert.Equal(TaskState.Queued, (await engine.TaskAsync(runId, "load_all.sales")).State);
        _api.Run(name);
        await engine.UntilTaskAsync(runId, "load_all.sales", TaskState.Running);
        _api.Logs[name] = "first\nlast\n";
        _api.End(name, 0, message: """{"rows":7}""");
        var run = await engine.Engine.WaitForRunAsync(runId, Token);

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal("""{"rows":7}""", Assert.Single(await engine.Store.ListXComsAsync(runId, Token)).Json);
        Assert.Equal("dp-orchestrator-1-0-e1", name);
        Assert.Equal(
            ["1", "1", "1", "load_all.sales", "none", "orchestrator", "dataplatform-orchestrator"],
            new[] { "dataplatform.io/run", "dataplatform.io/try", "dataplatform.io/epoch", "dataplatform.io/task", "dataplatform.io/map-index", "dataplatform.io/owner",
                "app.kubernetes.io/managed-by" }.Select(label => (string?)pod["metadata"]!["labels"]![label]));
        var container = pod["spec"]!["containers"]![0]!;
        Assert.Equal(
            ("""["/bin/load"]""", """["--day","monday"]""", "250m", "512Mi", "512Mi", "Never"),
            (container["command"]!.ToJsonString(), container["args"]!.ToJsonString(), (string)container["resources"]!["requests"]!["cpu"]!,
                (string)container["resources"]!["requests"]!["memory"]!, (string)container["resources"]!["limits"]!["memory"]!, (string)pod["spec"]!["restartPolicy"]!));
        var variables = container["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => (string?)variable!["value"]);
        Assert.Equal(("load_all.sales", "1", "1"), (variables["MODE"], variables["DP_EPOCH"], variables["DP_RUN"]));
        Assert.Equal(3600 + 900 + 10, (long)pod["spec"]!["activeDeadlineSeconds"]!);
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Pods.Count == 0 ? "deleted" : null));
        Assert.Contains($"LOG {name}", _api.Requests);
    }

    [Theory]
    [InlineData("exit 3", TaskState.Failed, "exit code 3 (Error)\nno such table")]
    [InlineData("exit 99", TaskState.Skipped, "exit code 99")]
    [InlineData("out of memory", TaskState.Failed, "exit code 137 (OOMKilled)")]
    [InlineData("bad image", TaskState.Failed, "cannot begin: InvalidImageName")]
    [InlineData("refused", TaskState.Failed, "was refused with 422")]
    [InlineData("text", TaskState.Success, null)]
    public async Task How_a_pod_ends_is_how_its_try_ends(string what, TaskState expected, string? note)
    {
        await using var engine = await StartAsync(Command());
        if (what == "refused")
        {
            _api.Refuse("POST", 422, "spec.containers[0].image: Required value");
        }

        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        if (what != "refused")
        {
            var name = await _api.NameAsync();
            Act(what, name);
        }

        await engine.Engine.WaitForRunAsync(runId, Token);
        var task = await engine.TaskAsync(runId, "a");

        Assert.Equal((expected, 1), (task.State, task.Try));
        Assert.Contains(note ?? string.Empty, task.Note ?? string.Empty, StringComparison.Ordinal);
        if (what == "text")
        {
            Assert.Equal("\"done\"", Assert.Single(await engine.Store.ListXComsAsync(runId, Token)).Json);
        }

        void Act(string what, string name)
        {
            switch (what)
            {
                case "exit 3":
                    _api.End(name, 3, "Error", "no such table");
                    break;
                case "exit 99":
                    _api.End(name, 99, "Error");
                    break;
                case "out of memory":
                    _api.End(name, 137, "OOMKilled");
                    break;
                case "bad image":
                    _api.Wait(name, "InvalidImageName", "couldn't parse image name");
                    break;
                default:
                    _api.End(name, 0, message: "done\n");
                    break;
            }
        }
    }

    [Theory]
    [InlineData("evicted")]
    [InlineData("deleted")]
    [InlineData("vanished while the watch was broken")]
    [InlineData("never scheduled")]
    [InlineData("quota")]
    public async Task A_pod_that_is_lost_is_no_failure_of_the_task_and_the_next_try_has_a_pod_of_its_own(string how)
    {
        var time = new FakeTimeProvider(EngineHarness.Start);
        await using var engine = await StartAsync(Command(), time: time);
        if (how == "quota")
        {
            _api.Refuse("POST", 403, "pods \"x\" is forbidden: exceeded quota: team");
        }

        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        if (how != "quota")
        {
            await LoseAsync(how, await _api.NameAsync(), time);
        }

        var second = await AdvanceUntilAsync(time, () => _api.Pods.Select(pod => (string)pod["metadata"]!["name"]!).FirstOrDefault(name => name.EndsWith("-e2", StringComparison.Ordinal)));
        _api.End(second, 0);
        await AdvanceUntilAsync(time, async () => (await engine.Store.FindRunAsync(runId, Token))!.State == DagRunState.Success ? "done" : null);
        var task = await engine.TaskAsync(runId, "a");
        Assert.Equal((2, 0, 1), (task.Try, task.Failures, task.InfrastructureFailures));
    }

    [Fact]
    public async Task A_cancelled_and_an_overdue_try_have_their_pods_deleted_with_grace()
    {
        var time = new FakeTimeProvider(EngineHarness.Start);
        await using var engine = await StartAsync(Command(t => t.Timeout(TimeSpan.FromMinutes(5))), time: time);
        var cancelled = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var first = await _api.NameAsync();
        _api.Run(first);
        await engine.UntilTaskAsync(cancelled, "a", TaskState.Running);
        await engine.Engine.CancelRunAsync(cancelled, Token);
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Pods.Count == 0 ? "deleted" : null));

        var overdue = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var second = await _api.NameAsync();
        _api.Run(second);
        await engine.UntilTaskAsync(overdue, "a", TaskState.Running);
        await AdvanceUntilAsync(
            time, async () => (await engine.Store.FindRunAsync(overdue, Token))!.State.IsFinal() ? "ended" : null, TimeSpan.FromMinutes(1));
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Pods.Count == 0 ? "deleted" : null));

        Assert.Contains("longer than its time limit", (await engine.TaskAsync(overdue, "a")).Note, StringComparison.Ordinal);
        Assert.Contains($"DELETE {first} 10", _api.Requests);
        Assert.Contains($"DELETE {second} 10", _api.Requests);
    }

    [Fact]
    public async Task A_restarted_executor_takes_up_the_pod_that_is_there_and_not_one_of_another_try()
    {
        var dag = Command();
        var store = new InMemoryOrchestratorStore();
        await using var first = Executor();
        var invocation = await InvocationAsync(dag, store, first);
        var name = await _api.NameAsync();
        await first.DisposeAsync();

        // The next process asks for the same try.
        await using var second = Executor();
        var again = second.ExecuteAsync(invocation, Token);
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Requests.Contains($"GET {name}") ? "asked" : null));
        _api.Run(name);
        _api.End(name, 0);
        Assert.Equal(TaskOutcomeKind.Success, (await again).Kind);
        Assert.Equal(2, _api.Requests.Count(request => request == "POST"));

        // A pod with the name but of another epoch is not its own.
        await using var third = Executor(options => options.Configure = (pod, _) => pod.Metadata.Annotations = new Dictionary<string, string> { ["x"] = "y" });
        using var foreign = new StringContent(
            $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"dataplatform.io/epoch":"7"}},"spec":{"containers":[]}}""");
        using var http = new HttpClient();
        await http.PostAsync(new Uri($"{_api.Address}/api/v1/namespaces/default/pods"), foreign, Token);
        var refused = await third.ExecuteAsync(invocation, Token);
        Assert.Equal((TaskOutcomeKind.Failed, false), (refused.Kind, refused.MayRetry));
        Assert.Contains("not of this try", refused.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scheduler_that_stops_leaves_its_pods_and_the_next_one_takes_them_up()
    {
        var store = new InMemoryOrchestratorStore();
        string name;
        long runId;
        await using (var executor = Executor())
        await using (var first = await EngineHarness.StartAsync([Command()], store, executor: executor))
        {
            runId = await first.Engine.TriggerAsync("d", cancellationToken: Token);
            name = await _api.NameAsync();
            _api.Run(name);
            await first.UntilTaskAsync(runId, "a", TaskState.Running);
        }

        Assert.Equal(name, Assert.Single(_api.Pods)["metadata"]!["name"]!.GetValue<string>());
        await using var next = Executor();
        await using var second = await EngineHarness.StartAsync([Command()], store, executor: next);
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Requests.Contains($"GET {name}") ? "taken up" : null));
        _api.End(name, 0);

        Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(runId, Token)).State);
        var task = await second.TaskAsync(runId, "a");
        Assert.Equal((1, 1, 0), (task.Try, task.Epoch, task.InfrastructureFailures));
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_and_a_watch_that_is_too_old_begins_anew()
    {
        var time = new FakeTimeProvider(EngineHarness.Start);
        await using var engine = await StartAsync(Command(), time: time);
        _api.Refuse("POST", 503, times: 2);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var name = await AdvanceUntilAsync(time, () => _api.Pods.Select(pod => (string)pod["metadata"]!["name"]!).FirstOrDefault());

        _api.Compact();
        _api.Run(name);
        _api.Compact();
        await AdvanceUntilAsync(time, () => _api.Requests.Count(request => request == "LIST") > 2 ? "listed" : null);
        _api.End(name, 0);

        await AdvanceUntilAsync(time, async () => (await engine.Store.FindRunAsync(runId, Token))!.State == DagRunState.Success ? "done" : null);
        Assert.Equal(1, (await engine.TaskAsync(runId, "a")).Try);
    }

    [Fact]
    public async Task An_event_that_the_watch_missed_is_found_by_the_next_list()
    {
        var time = new FakeTimeProvider(EngineHarness.Start);
        await using var engine = await StartAsync(Command(), time: time);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var name = await _api.NameAsync();
        await EngineHarness.UntilAsync(() => Task.FromResult(_api.Requests.Any(request => request.StartsWith("WATCH", StringComparison.Ordinal)) ? "watches" : null));
        var lists = _api.Requests.Count(request => request == "LIST");
        await AdvanceUntilAsync(time, () => Task.FromResult(_api.Requests.Count(request => request == "LIST") > lists ? "listed" : null), TimeSpan.FromMinutes(1));
        _api.End(name, 0);
        await AdvanceUntilAsync(time, async () => (await engine.Store.FindRunAsync(runId, Token))!.State == DagRunState.Success ? "done" : null);
    }

    [Fact]
    public async Task No_more_pods_than_allowed_are_there_at_once()
    {
        var builder = new DagBuilder("d");
        for (var i = 0; i < 12; i++)
        {
            builder.Command($"t{i}", "/bin/true", []);
        }

        await using var engine = await StartAsync(builder.Build(), options => options.PodsMax = 3);
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var most = 0;
        while ((await engine.Store.FindRunAsync(runId, Token))!.State == DagRunState.Running)
        {
            var pods = _api.Pods;
            most = Math.Max(most, pods.Count);
            foreach (var pod in pods.Where(pod => (string?)pod["status"]!["phase"] == "Pending"))
            {
                _api.End((string)pod["metadata"]!["name"]!, 0);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        Assert.InRange(most, 1, 3);
        Assert.All(await engine.Store.ListTaskInstancesAsync(runId, Token), task => Assert.Equal((TaskState.Success, 1), (task.State, task.Try)));
    }

    [Fact]
    public async Task Code_needs_a_command_that_runs_it_and_an_owner_must_fit_a_name()
    {
        var dag = new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build();
        await using var engine = await StartAsync(dag);
        var run = await engine.RunAsync("d");
        Assert.Contains("no CodeCommand", (await engine.TaskAsync(run.Id, "a")).Note, StringComparison.Ordinal);

        await using var other = await StartAsync(dag, options => options.CodeCommand = ["dotnet", "dags.dll"]);
        await other.Engine.TriggerAsync("d", cancellationToken: Token);
        var name = await _api.NameAsync();
        Assert.Equal("""["dotnet","dags.dll"]""", _api.Pods[0]["spec"]!["containers"]![0]!["command"]!.ToJsonString());
        _api.End(name, 0);
        Assert.Throws<ArgumentException>(() => Executor(options => options.Owner = "Team A"));
    }

    [Fact]
    public async Task A_real_cluster_runs_a_pod()
    {
        var config = Environment.GetEnvironmentVariable("DP_TEST_KUBECONFIG");
        Assert.SkipWhen(
            config is null, "NO KUBERNETES CLUSTER WAS TESTED: set DP_TEST_KUBECONFIG to the kubeconfig of one where pods may be made in 'default'.");
        using var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(config));
        await using var executor = new KubernetesTaskExecutor(client, new KubernetesExecutorOptions { Image = "busybox:1.37", Owner = "test" });
        var dag = new DagBuilder("d").Command("a", "/bin/sh", ["-c", "echo said; printf '{\"n\":1}' > /dev/termination-log"]).Build();
        await using var engine = await EngineHarness.StartAsync([dag], executor: executor);

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal("""{"n":1}""", Assert.Single(await engine.Store.ListXComsAsync(run.Id, Token)).Json);
    }

    private static Dag Command(Action<TaskBuilder>? configure = null) => new DagBuilder("d").Command("a", "/bin/true", [], configure).Build();

    private static async Task<string> AdvanceUntilAsync(FakeTimeProvider time, Func<Task<string?>> look, TimeSpan? step = null)
    {
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            // Waits of the executor pass; what it asks the server for takes the time it takes.
            time.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token);
        }
    }

    private static Task<string> AdvanceUntilAsync(FakeTimeProvider time, Func<string?> look) => AdvanceUntilAsync(time, () => Task.FromResult(look()));

    private async Task LoseAsync(string how, string name, FakeTimeProvider time)
    {
        switch (how)
        {
            case "evicted":
                _api.Run(name);
                _api.End(name, 137, "Error", podReason: "Evicted");
                break;
            case "deleted":
                _api.Run(name);
                _api.Remove(name);
                break;
            case "never scheduled":
                _api.Wait(name, "ImagePullBackOff", "Back-off pulling image");
                await AdvanceUntilAsync(time, () => Task.FromResult(_api.Requests.Any(request => request.StartsWith("DELETE", StringComparison.Ordinal)) ? "given up" : null), TimeSpan.FromMinutes(1));
                break;
            default:
                _api.Run(name);
                _api.Compact();
                _api.Remove(name);
                _api.Compact();
                break;
        }
    }

    private KubernetesTaskExecutor Executor(Action<KubernetesExecutorOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new KubernetesExecutorOptions { Image = "registry/dags:1" };
        configure?.Invoke(options);
        return new KubernetesTaskExecutor(_client, options, time);
    }

    private Task<EngineHarness> StartAsync(Dag dag, Action<KubernetesExecutorOptions>? configure = null, FakeTimeProvider? time = null) =>
        EngineHarness.StartAsync([dag], time: time, executor: Executor(configure, time));

    /// <summary>Lets an engine hand a try to an executor, and keeps what it handed over.</summary>
    private static async Task<TaskInvocation> InvocationAsync(Dag dag, InMemoryOrchestratorStore store, KubernetesTaskExecutor executor)
    {
        var kept = new Keeper(executor);
        var engine = await EngineHarness.StartAsync([dag], store, executor: kept);
        await engine.Engine.TriggerAsync(dag.Id, cancellationToken: Token);
        return await kept.Taken.Task.WaitAsync(Token);
    }

    private sealed class Keeper(KubernetesTaskExecutor inner) : IExecutor
    {
        public TaskCompletionSource<TaskInvocation> Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => inner.Name;

        public ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
        {
            Taken.TrySetResult(invocation);
            return inner.ExecuteAsync(invocation, cancellationToken);
        }
    }
}
