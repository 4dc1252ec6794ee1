using System.Globalization;
using System.Text.Json;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>A container's folder: <c>container.json</c>, <c>pid</c>, <c>stdout</c>, <c>stderr</c>, <c>exit</c>, <c>usage.json</c>,
/// <c>reported</c>. What it
/// says
/// survives the agent.</summary>
internal sealed class ContainerFolder(string path)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public string Path { get; } = path;

    public string ExitPath => System.IO.Path.Combine(Path, "exit");

    public bool IsReported => File.Exists(System.IO.Path.Combine(Path, "reported"));

    /// <summary>Its number, by its name.</summary>
    public long Id => long.Parse(System.IO.Path.GetFileName(Path), CultureInfo.InvariantCulture);

    public void Create(ContainerDescription description)
    {
        Directory.CreateDirectory(Path);

        // Written under another name first: a folder with this file in it is one whose container may have been started.
        var temporary = System.IO.Path.Combine(Path, "container.new");
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(description, Json));
        File.Move(temporary, System.IO.Path.Combine(Path, "container.json"), overwrite: true);
    }

    /// <summary>What was to be started; null for a folder whose agent died before it began.</summary>
    public ContainerDescription? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<ContainerDescription>(File.ReadAllBytes(System.IO.Path.Combine(Path, "container.json")),
                Json);
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    public void WritePid(int pid, long startTicks)
        => File.WriteAllText(System.IO.Path.Combine(Path, "pid"), string.Create(CultureInfo.InvariantCulture, $"{pid} {startTicks}\n"));

    /// <summary>The supervisor's number and start; null when the agent died before it wrote them.</summary>
    public (int Pid, long StartTicks)? ReadPid()
    {
        var text = ReadLine("pid");
        return text?.Split(' ') is [var pid, var start] ? (int.Parse(pid, CultureInfo.InvariantCulture), long.Parse(start,
            CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>The exit code its supervisor wrote, in one write that ends with a line feed; null while there is none.</summary>
    public int? ReadExit() => int.TryParse(ReadLine("exit"), CultureInfo.InvariantCulture, out var code) ? code : null;

    public void WriteExit(int code)
    {
        var temporary = ExitPath + ".new";
        File.WriteAllText(temporary, string.Create(CultureInfo.InvariantCulture, $"{code}\n"));
        File.Move(temporary, ExitPath, overwrite: true);
    }

    public void WriteUsage(GroupUsage usage)
    {
        var temporary = System.IO.Path.Combine(Path, "usage.new");
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(usage, Json));
        File.Move(temporary, System.IO.Path.Combine(Path, "usage.json"), overwrite: true);
    }

    /// <summary>What it used; nothing for one whose agent was not there when it ended.</summary>
    public GroupUsage ReadUsage()
    {
        var path = System.IO.Path.Combine(Path, "usage.json");
        return File.Exists(path) ? JsonSerializer.Deserialize<GroupUsage>(File.ReadAllBytes(path), Json) : default;
    }

    public void WriteStopping() => File.WriteAllText(System.IO.Path.Combine(Path, "stopping"), "");

    public bool WasStopped => File.Exists(System.IO.Path.Combine(Path, "stopping"));

    public void WriteReported() => File.WriteAllText(System.IO.Path.Combine(Path, "reported"), "");

    private string? ReadLine(string name)
    {
        try
        {
            var text = File.ReadAllText(System.IO.Path.Combine(Path, name));
            return text.EndsWith('\n') ? text.TrimEnd() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>What a container is, as its folder says.</summary>
internal sealed record ContainerDescription(
    long Id, string Node, string Queue, string Application, string User, long CpuMillis, long MemoryMiB, string Command,
    IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, ContainerIsolation Isolation,
        DateTimeOffset StartedAt);
