using System.CommandLine;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary><c>dp cluster run</c>: one command as a real, limited container of this machine, through a manager and an agent.</summary>
internal static class ClusterRunCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private static readonly Option<double> Cpu = new("--cpu")
    {
        Description = "Processors it may use, for example 0.5.",
        DefaultValueFactory = _ => 1
    };

    private static readonly Option<long> Memory = new("--memory")
    {
        Description = "Memory it may hold, in MiB.",
        DefaultValueFactory = _
        => 512
    };

    private static readonly Option<string> Queue = new("--queue")
    {
        Description = "The queue that pays for it.",
        DefaultValueFactory = _
        => "root.default"
    };

    private static readonly Option<ContainerIsolation?> Isolation = new(
        "--isolation")
    { Description = "What keeps it within its limits; the strongest that works here by default." };

    private static readonly Argument<string[]> Words = new("COMMAND")
    {
        Description = "The program and its arguments, after --.",
        Arity = ArgumentArity.OneOrMore
    };

    /// <summary>The command.</summary>
    public static Command Create() => new Command("run",
        "Runs a command in a container with limits, waits, and says what it used. The exit code is the command's.")
    {
        Cpu, Memory, Queue, Isolation, Words,
    }.Runs(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dp-cluster-run-{Guid.NewGuid():N}");
        try
        {
            await using var manager = new ResourceManager(QueueTree.Define().Queue(parsed.GetValue(Queue)!).Build(),
                new InProcessContainerDriver(),
                TimeProvider.System, NullLoggerFactory.Instance);
            await using var agent = await NodeAgent.StartAsync(() => manager,
                new NodeAgentOptions(Environment.MachineName, folder)
                {
                    Isolation = parsed.GetValue(Isolation),
                    Heartbeat = TimeSpan.FromMilliseconds(200)
                },
                NullLoggerFactory.Instance);
            return await RunAsync(parsed, output, manager, agent, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommandOutput output, ResourceManager manager, NodeAgent agent,
        CancellationToken cancellationToken)
    {
        // Until the node is there a request that it could never hold would wait for ever.
        while (manager.Snapshot().Nodes.Count == 0)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }

        var words = parsed.GetValue(Words)!;
        var started = TimeProvider.System.GetTimestamp();
        var application = await manager.SubmitAsync(new ApplicationSubmission(
            new ApplicationSpecification(words[0], parsed.GetValue(Queue)!, Environment.UserName),
            []), cancellationToken);
        var master = await manager.RegisterMasterAsync(application, cancellationToken);
        await master.AskAsync(new ContainerAsk(new ResourceVector((long)(parsed.GetValue(Cpu) * 1_000), parsed.GetValue(Memory)))
        {
            Work = new ContainerWork.Command(words[0], words[1..]),
        }, cancellationToken);
        var container = 0L;
        try
        {
            while (await master.Notices.ReadAsync(cancellationToken) is var notice && notice is not ApplicationNotice.Completed)
            {
                if (notice is ApplicationNotice.Allocated allocated)
                {
                    container = allocated.Container.ContainerId;
                    await FollowAsync(agent, container, output.Json, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await agent.KillContainersAsync();
            throw;
        }

        return Report(output, words, agent, container, TimeProvider.System.GetElapsedTime(started));
    }

    private static int Report(CommandOutput output, string[] words, NodeAgent agent, long container, TimeSpan elapsed)
    {
        var exit = agent.ExitOf(container) ?? throw new SchedulerException(Kernel.ErrorKind.Unavailable, "The container's folder is gone.");
        var rows = new (string, object?)[]
        {
            ("command", string.Join(' ', words)),
            ("isolation", agent.Isolation.ToString()),
            ("exitCode", exit.ExitCode),
            ("outcome", exit.Outcome.ToString()),
            ("outOfMemory", exit.IsOutOfMemory),
            ("elapsedSeconds", Math.Round(elapsed.TotalSeconds, 3)),
            ("cpuSeconds", Math.Round(exit.CpuSeconds, 3)),
            ("peakMemoryBytes", exit.PeakMemoryBytes),
        };
        output.Properties(rows);
        return exit.ExitCode;
    }

    /// <summary>Shows what the command writes while it runs; beside JSON both streams go to standard error.</summary>
    private static async Task FollowAsync(NodeAgent agent, long container, bool json, CancellationToken cancellationToken)
    {
        await using var standardOutput = json ? Console.OpenStandardError() : Console.OpenStandardOutput();
        await using var standardError = Console.OpenStandardError();
        var (stdout, stderr) = (0L, 0L);
        for (var isOver = false; !isOver;)
        {
            isOver = agent.ExitOf(container) is not null;
            stdout = await CopyAsync(Path.Combine(agent.FolderOf(container), "stdout"), stdout, standardOutput, cancellationToken);
            stderr = await CopyAsync(Path.Combine(agent.FolderOf(container), "stderr"), stderr, standardError, cancellationToken);
            if (!isOver)
            {
                await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task<long> CopyAsync(string path, long from, Stream to, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return from;
        }

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = from;
        await file.CopyToAsync(to, cancellationToken);
        await to.FlushAsync(cancellationToken);
        return file.Position;
    }
}
