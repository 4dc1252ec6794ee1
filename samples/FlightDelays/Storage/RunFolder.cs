using System.Text.Json;

namespace DataPlatform.Samples.FlightDelays.Storage;

/// <summary>The folder that holds all a run makes. A marker file says that it is ours, and of which input.</summary>
public sealed class RunFolder
{
    private const string MarkerName = "flight-delays.json";

    private RunFolder(string path) => Path = path;

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>The lake.</summary>
    public string Lake => System.IO.Path.Combine(Path, "lake");

    /// <summary>The stream job's checkpoints.</summary>
    public string Checkpoints => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>The gate's results.</summary>
    public string Quality => System.IO.Path.Combine(Path, "quality");

    /// <summary>The arrivals service's database.</summary>
    public string ArrivalsDatabase => System.IO.Path.Combine(Path, "arrivals.db");

    /// <summary>The orchestrator's database.</summary>
    public string OrchestratorDatabase => System.IO.Path.Combine(Path, "orchestrator.db");

    /// <summary>The report.</summary>
    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Opens the folder, empties it when asked to, and marks it.</summary>
    /// <exception cref="SampleException">It holds something else, or a run over other input.</exception>
    public static RunFolder Open(Options options)
    {
        var folder = new RunFolder(System.IO.Path.GetFullPath(options.OutFolder));
        var marker = System.IO.Path.Combine(folder.Path, MarkerName);
        var wanted = new Marker(options.RowsMax, options.Break);
        if (Directory.Exists(folder.Path) && !File.Exists(marker) && FirstFile(folder.Path) is { } stranger)
        {
            throw new SampleException($"'{folder.Path}' is not ours: it holds '{stranger}' but no {MarkerName}. Name another folder with --out.");
        }

        if (options.Fresh && File.Exists(marker))
        {
            Directory.Delete(folder.Path, recursive: true);
        }

        if (File.Exists(marker))
        {
            RequireSameInput(marker, wanted);
        }
        else
        {
            Directory.CreateDirectory(folder.Path);
            File.WriteAllText(marker + ".tmp", JsonSerializer.Serialize(wanted));
            File.Move(marker + ".tmp", marker, overwrite: true);
        }

        return folder;
    }

    private static void RequireSameInput(string marker, Marker wanted)
    {
        Marker? found;
        try
        {
            found = JsonSerializer.Deserialize<Marker>(File.ReadAllText(marker));
        }
        catch (JsonException e)
        {
            throw new SampleException($"'{marker}' cannot be read: {e.Message} Start over with --fresh.", e);
        }

        if (found != wanted)
        {
            throw new SampleException($"'{marker}' says that this folder holds a run over other input ({found}); repeat its options, or start over with --fresh.");
        }
    }

    private static string? FirstFile(string folder)
    {
        var first = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(folder, file)).FirstOrDefault(file => file != MarkerName + ".tmp");
        return first;
    }

    private sealed record Marker(long RowsMax, bool Break)
    {
        public override string ToString() => $"{(RowsMax == long.MaxValue ? "all rows" : $"--rows {RowsMax}")}{(Break ? " --break" : string.Empty)}";
    }
}
