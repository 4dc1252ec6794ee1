using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>The containers of one folder on this machine: started, found again after a restart, stopped, swept. Thread-safe.</summary>
internal sealed class ContainerHost : IAsyncDisposable
{
    /// <summary>The environment variable by which the processes of a container are known, wherever they went.</summary>
    public const string MarkVariable = "DATAPLATFORM_CONTAINER";

    private const string Shell = "/bin/sh";

    /// <summary>
    /// Waits for the command and writes its exit code, whatever becomes of the agent. The child joins its groups before it becomes the
    /// command, so nothing of the command ever runs outside them. Signals for the session end the command, not the one who waits for it.
    /// </summary>
    private const string Supervisor =
        """
        trap : TERM INT HUP QUIT
        ( trap - TERM INT HUP QUIT
          while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done
          shift
          exec "$@" ) &
        child=$!
        while :; do wait $child; code=$?; [ $code -gt 128 ] && kill -0 $child 2>/dev/null || break; done
        echo $code > exit
        """;

    private readonly ConcurrentDictionary<long, ProcessContainer> _containers = new();
    private readonly Queue<long> _reported = new();
    private readonly CancellationTokenSource _detached = new();
    private readonly ContainerGroups _groups;
    private readonly FileStream _lock;
    private readonly string _folder;
    private readonly string _host;

    private ContainerHost(string folder, string host, ContainerGroups groups, FileStream folderLock)
    {
        _folder = folder;
        _host = host;
        _groups = groups;
        _lock = folderLock;
    }

    public ContainerIsolation Isolation => _groups.Isolation;

    public string Folder => _folder;

    /// <summary>Tells it from other hosts of the machine; the name of its control groups.</summary>
    public string Name => _host;

    public ICollection<ProcessContainer> Running => _containers.Values;

    /// <summary>Opens a folder: what still runs is found again, what nobody knows of is ended.</summary>
    /// <exception cref="SchedulerException">Conflict: another process uses the folder. Invalid: the isolation does not work
    /// here.</exception>
    public static async Task<ContainerHost> OpenAsync(string folder, ContainerIsolation? isolation)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(Path.Combine(folder, "containers"));
        var host = string.Create(CultureInfo.InvariantCulture, $"dataplatform-{Hash(folder):x16}");
        FileStream folderLock;
        try
        {
            folderLock = new FileStream(Path.Combine(folder, "agent.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new SchedulerException(ErrorKind.Conflict,
                $"Another agent uses '{folder}': stop it first, or give this one a folder of its own.", error);
        }

        try
        {
            var opened = new ContainerHost(folder, host, ContainerGroups.Open(host, isolation), folderLock);
            await opened.RecoverAsync().ConfigureAwait(false);
            return opened;
        }
        catch
        {
            await folderLock.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Folders of containers that ended and whose end nobody has been told durably.</summary>
    public IEnumerable<ContainerFolder> Unreported()
        => Folders().Where(folder => !_containers.ContainsKey(folder.Id) && !folder.IsReported && folder.ReadExit() is not null);

    public ContainerFolder FolderOf(long id)
        => new(Path.Combine(_folder, "containers", id.ToString(CultureInfo.InvariantCulture)));

    public ProcessContainer? Find(long id) => _containers.GetValueOrDefault(id);

    /// <summary>Starts a container. Returns null for one that was started before.</summary>
    /// <exception cref="SchedulerException">Unavailable: the machine did not do it; nothing of it is left, its folder says so.</exception>
    public ProcessContainer? Start(ContainerContext context, ContainerWork.Command work)
    {
        var folder = FolderOf(context.ContainerId);
        if (Directory.Exists(folder.Path))
        {
            return null;
        }

        folder.Create(new ContainerDescription(context.ContainerId, context.Node, context.Queue, context.ApplicationName, context.User,
            context.Resources.CpuMillis, context.Resources.MemoryMiB, work.FileName, work.Arguments, work.Environment, Isolation,
            TimeProvider.System.GetUtcNow()));
        try
        {
            var group = _groups.Create(context.ContainerId, context.Resources);
            var pid = Spawner.Start(Shell, ["-c", Supervisor, "container", .. group.JoinFiles, "--", work.FileName, .. work.Arguments],
                EnvironmentOf(context, work), folder.Path);
            _groups.Started(context.ContainerId, group, pid);
            folder.WritePid(pid, ProcessTable.StartOf(pid) ?? 0);
            return Keep(new ProcessContainer(context.ContainerId, folder, group, pid, _detached.Token));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SchedulerException)
        {
            folder.WriteExit(125);
            throw new SchedulerException(ErrorKind.Unavailable, $"Container {context.ContainerId} could not be started: {error.Message}");
        }
    }

    /// <summary>The end was told where it counts: the folder is kept for people until there are too many.</summary>
    public void Reported(long id, int foldersMax)
    {
        FolderOf(id).WriteReported();
        lock (_reported)
        {
            _reported.Enqueue(id);
            while (_reported.Count > foldersMax)
            {
                Directory.Delete(FolderOf(_reported.Dequeue()).Path, recursive: true);
            }
        }
    }

    /// <summary>Lets go of the containers, which go on; what is being cleared away is finished first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _detached.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_containers.Values.Select(Task (container) => container.Ended))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _groups.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
        _detached.Dispose();
    }

    private ProcessContainer Keep(ProcessContainer container)
    {
        _containers[container.Id] = container;
        _ = container.Ended.ContinueWith(_ => _containers.TryRemove(container.Id, out ProcessContainer? _), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return container;
    }

    private IEnumerable<ContainerFolder> Folders()
        => Directory.EnumerateDirectories(Path.Combine(_folder, "containers")).Select(path => new ContainerFolder(path));

    private async Task RecoverAsync()
    {
        var marked = ProcessTable.WithVariable(MarkVariable).Where(process => process.Value.StartsWith(_host + "/",
            StringComparison.Ordinal))
            .ToLookup(process => process.Value, process => process.Pid, StringComparer.Ordinal);
        foreach (var folder in Folders().OrderBy(folder => folder.Id).ToArray())
        {
            if (folder.IsReported)
            {
                _reported.Enqueue(folder.Id);
            }
            else if (folder.Read() is not { } description)
            {
                Directory.Delete(folder.Path, recursive: true);
            }
            else if (folder.ReadExit() is null)
            {
                var limits = new ResourceVector(description.CpuMillis, description.MemoryMiB);
                var supervisor = SupervisorOf(folder, marked[MarkOf(folder.Id)]);
                var group = _groups.Open(folder.Id, supervisor, limits);
                if (supervisor > 0)
                {
                    Keep(new ProcessContainer(folder.Id, folder, group, supervisor, _detached.Token));
                }
                else
                {
                    await group.KillAsync().ConfigureAwait(false);
                    await group.RemoveAsync().ConfigureAwait(false);

                    // It may have ended by itself since the first look.
                    if (folder.ReadExit() is null)
                    {
                        folder.WriteExit(128 + Native.SignalKill);
                    }
                }
            }
        }

        foreach (var id in _groups.Existing().Where(id => !_containers.ContainsKey(id)))
        {
            var group = _groups.Open(id, 0, ResourceVector.Zero);
            await group.KillAsync().ConfigureAwait(false);
            await group.RemoveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The process that waits for the container, by number and start time, so that a number used again is not taken for it; 0 when
    /// it is gone. An agent that died before it wrote them left a session leader with the container's mark.</summary>
    private static int SupervisorOf(ContainerFolder folder, IEnumerable<int> marked)
    {
        if (folder.ReadPid() is { } known)
        {
            return ProcessTable.StartOf(known.Pid) == known.StartTicks ? known.Pid : 0;
        }

        foreach (var pid in marked)
        {
            if (ProcessTable.ReadStat(pid) is { } stat && stat.Session == pid)
            {
                folder.WritePid(pid, stat.StartTicks);
                return pid;
            }
        }

        return 0;
    }

    private string MarkOf(long id) => string.Create(CultureInfo.InvariantCulture, $"{_host}/{id}");

    /// <summary>A minimal environment, what the work sets, and what it may want to know of its container.</summary>
    private Dictionary<string, string> EnvironmentOf(ContainerContext context, ContainerWork.Command work)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = Environment.GetEnvironmentVariable("HOME") ?? "/",
            ["LANG"] = "C.UTF-8",
        };
        foreach (var (name, value) in work.Environment)
        {
            environment[name] = value;
        }

        environment[MarkVariable] = MarkOf(context.ContainerId);
        environment["DATAPLATFORM_NODE"] = context.Node;
        environment["DATAPLATFORM_QUEUE"] = context.Queue;
        environment["DATAPLATFORM_APPLICATION"] = context.ApplicationName;
        environment["DATAPLATFORM_CPU_MILLIS"] = context.Resources.CpuMillis.ToString(CultureInfo.InvariantCulture);
        environment["DATAPLATFORM_MEMORY_MIB"] = context.Resources.MemoryMiB.ToString(CultureInfo.InvariantCulture);
        return environment;
    }

    private static ulong Hash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ value) * 0x100000001B3);
        }

        return hash;
    }
}
