using System.Globalization;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Processes;

namespace DataPlatform.Integration.ResourceScheduler;

/// <summary>Real processes within real limits, in every way this machine allows.</summary>
public sealed class ProcessContainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ContainerIsolation> Isolations => [.. Enum.GetValues<ContainerIsolation>()];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_command_runs_in_its_folder_and_its_streams_and_exit_code_are_kept(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);
        var container = Start(host, 1, "echo out $DATAPLATFORM_QUEUE $OWN; echo err >&2; pwd; exit 3",
            environment: new() { ["OWN"] = "a b" });

        var exit = await container.Ended;

        Assert.Equal((3, ContainerOutcome.Failed, false), (exit.ExitCode, exit.Outcome, exit.IsOutOfMemory));
        var folder = host.FolderOf(1);
        Assert.Equal($"out root.a a b\n{folder.Path}\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "stdout"), Token));
        Assert.Equal("err\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "stderr"), Token));
        Assert.Equal("3\n", await File.ReadAllTextAsync(folder.ExitPath, Token));
        Assert.Equal((256, isolation), (folder.Read()!.MemoryMiB, folder.Read()!.Isolation));
        Assert.Equal(1, Assert.Single(host.Unreported()).Id);
        NothingIsLeft(host);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_container_that_holds_too_much_memory_is_killed_and_says_so(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);

        // tail keeps what has no line feed in memory. The pause gives a look from outside its chance.
        var container = Start(host, 1, "(head -c 300000000 /dev/zero; sleep 20) | tail", memoryMiB: 64);
        var exit = await container.Ended;

        Assert.NotEqual(0, exit.ExitCode);
        Assert.True(exit.IsOutOfMemory);
        NothingIsLeft(host);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_container_gets_no_more_than_its_share_of_the_processor(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);
        var started = TimeProvider.System.GetTimestamp();
        var container = Start(host, 1, "while :; do :; done", cpuMillis: 200);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Token);
        await container.StopAsync(TimeSpan.Zero);
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;

        var exit = await container.Ended;
        Assert.Equal(ContainerOutcome.Killed, exit.Outcome);
        Assert.InRange(exit.CpuSeconds, 0.01, elapsed * 0.6);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_stop_leaves_nothing_behind_not_even_what_left_the_session_and_hears_nothing(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);
        var container = Start(host, 1,
            "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 1000 & sleep 1000' & (setsid sleep 1000 &) ; sleep 1000 & echo ready; wait; sleep 1000");
        await Wait.UntilAsync(() => Marked(host).Count >= 6, "the container has started all of its processes");

        await container.StopAsync(TimeSpan.FromMilliseconds(100));

        var exit = await container.Ended;
        Assert.Equal((137, ContainerOutcome.Killed), (exit.ExitCode, exit.Outcome));
        NothingIsLeft(host);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_command_that_hears_the_signal_ends_in_its_grace_with_its_own_exit_code(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);
        var container = Start(host, 1, "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        await Wait.UntilAsync(() => Text(host, 1, "stdout") == "ready\n", "the command is ready");

        await container.StopAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(7, (await container.Ended).ExitCode);
        Assert.Equal("ready\nbye\n", Text(host, 1, "stdout"));
        NothingIsLeft(host);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task What_a_command_leaves_running_ends_with_it(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);

        Assert.Equal(0, (await Start(host, 1, "(setsid sleep 1000 &); sleep 1000 & exit 0").Ended).ExitCode);
        NothingIsLeft(host);
        Assert.Equal(127, (await host.Start(Context(2, 500, 64), new ContainerWork.Command("/no/such/program", []))!.Ended).ExitCode);
        Assert.Null(host.Start(Context(2, 500, 64), new ContainerWork.Command("/bin/true", [])));
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task Containers_outlive_the_agent_and_are_found_again(ContainerIsolation isolation)
    {
        int pid;
        await using (var first = await OpenAsync(isolation))
        {
            Start(first, 1, "while [ ! -e go ]; do sleep 0.02; done; exit 5");
            Start(first, 2, "exit 6");
            Start(first, 3, "sleep 1000");
            await Wait.UntilAsync(() => first.FolderOf(2).ReadExit() == 6 && first.Running.Count == 2, "the second ended");
            pid = first.FolderOf(1).ReadPid()!.Value.Pid;

            // An agent that died between the start and the note of it.
            File.Delete(Path.Combine(first.FolderOf(3).Path, "pid"));
        }

        await using var second = await OpenAsync(isolation);
        Assert.Equal([1, 3], second.Running.Select(container => container.Id).Order());
        Assert.Equal(2, Assert.Single(second.Unreported()).Id);
        Assert.Equal(pid, second.FolderOf(1).ReadPid()!.Value.Pid);

        await File.WriteAllTextAsync(Path.Combine(second.FolderOf(1).Path, "go"), "", Token);
        Assert.Equal(5, (await second.Find(1)!.Ended).ExitCode);
        await second.Find(3)!.StopAsync(TimeSpan.Zero);
        NothingIsLeft(second);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task A_number_used_again_by_another_process_is_not_taken_for_the_container(ContainerIsolation isolation)
    {
        await using (var first = await OpenAsync(isolation))
        {
            var container = Start(first, 1, "sleep 1000");
            await Wait.UntilAsync(() => Marked(first).Count >= 2, "the container runs");
            foreach (var process in Marked(first))
            {
                _ = Native.Kill(process, Native.SignalKill);
            }

            await container.Ended;
            File.Delete(first.FolderOf(1).ExitPath);
            first.FolderOf(1).WritePid(Environment.ProcessId, 12345);
        }

        await using var second = await OpenAsync(isolation);
        Assert.Empty(second.Running);
        Assert.Equal(137, second.FolderOf(1).ReadExit());
        NothingIsLeft(second);
    }

    [Theory]
    [MemberData(nameof(Isolations))]
    public async Task When_the_one_who_waits_for_it_is_killed_the_container_ends(ContainerIsolation isolation)
    {
        await using var host = await OpenAsync(isolation);
        var container = Start(host, 1, "(setsid sleep 1000 &); sleep 1000");
        await Wait.UntilAsync(() => Marked(host).Count >= 4, "the container runs");

        _ = Native.Kill(host.FolderOf(1).ReadPid()!.Value.Pid, Native.SignalKill);

        Assert.Equal(137, (await container.Ended).ExitCode);
        NothingIsLeft(host);
    }

    [Fact]
    public async Task Two_agents_cannot_share_a_folder_and_an_isolation_that_does_not_work_says_why()
    {
        await using var host = await ContainerHost.OpenAsync(_folder.Path, ContainerIsolation.ProcessGroup);
        Assert.Contains("Another agent", (await Assert.ThrowsAsync<SchedulerException>(() => ContainerHost.OpenAsync(_folder.Path,
            null))).Message,
            StringComparison.Ordinal);
        foreach (var isolation in Enum.GetValues<ContainerIsolation>())
        {
            if (ContainerGroups.TryOpen("probe", isolation, out var reason) is { } groups)
            {
                groups.Dispose();
            }
            else
            {
                var error = await Assert.ThrowsAsync<SchedulerException>(() => ContainerHost.OpenAsync(_folder["other"], isolation));
                Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            }
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<ContainerHost> OpenAsync(ContainerIsolation isolation)
    {
        using var groups = ContainerGroups.TryOpen("dataplatform-probe", isolation, out var reason);
        if (groups is null)
        {
            Console.WriteLine($"SKIPPED: containers by {isolation} cannot run here: {reason}");
            Assert.Skip($"{isolation} cannot run here: {reason}");
        }

        return await ContainerHost.OpenAsync(_folder.Path, isolation);
    }

    private static ProcessContainer Start(ContainerHost host, long id, string script, long cpuMillis = 2_000, long memoryMiB = 256,
        Dictionary<string, string>? environment = null)
        => host.Start(Context(id, cpuMillis, memoryMiB), new ContainerWork.Command("/bin/sh", ["-c",
            script])
        { Environment = environment ?? [] })!;

    private static ContainerContext Context(long id, long cpuMillis, long memoryMiB)
        => new(id, "n1", "root.a", new ResourceVector(cpuMillis, memoryMiB), "app", "ana");

    private static string Text(ContainerHost host, long id, string file)
        => File.Exists(Path.Combine(host.FolderOf(id).Path, file)) ? File.ReadAllText(Path.Combine(host.FolderOf(id).Path, file)) : "";

    private static List<int> Marked(ContainerHost host)
        => [.. ProcessTable.WithVariable(ContainerHost.MarkVariable)
            .Where(process => process.Value.StartsWith(MarkOf(host), StringComparison.Ordinal)
                && ProcessTable.ReadStat(process.Pid) is not null)
            .Select(process => process.Pid)];

    private static string MarkOf(ContainerHost host)
        => string.Create(CultureInfo.InvariantCulture, $"{host.Name}/");

    private static void NothingIsLeft(ContainerHost host)
    {
        Assert.Empty(Marked(host));
        var left = Directory.Exists("/sys/fs/cgroup")
            ? Directory.EnumerateDirectories("/sys/fs/cgroup", host.Name, new EnumerationOptions
            {
                RecurseSubdirectories = true,
                IgnoreInaccessible = true
            })
                .SelectMany(folder => Directory.EnumerateDirectories(folder)).ToArray()
            : [];
        Assert.Empty(left);
    }
}
