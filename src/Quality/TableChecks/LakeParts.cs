using System.Security.Cryptography;
using System.Text;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.TableChecks;

/// <summary>The live data files of a table version as parts, each with the rows deleted from it; what the log knows exactly is not read.</summary>
/// <remarks>
/// A part is another one when its file, its deletion vector or the table's columns differ: a renamed column would else be found under its old name.
/// Used by one run at a time.
/// </remarks>
public sealed class LakeParts : IPartSource
{
    // Files of object stores have long names; beyond this one cannot be a file's name once percent-encoded.
    private const int NameMax = 150;

    private readonly LakeQuery _lake;
    private readonly Snapshot _snapshot;
    private readonly string _relation;
    private readonly Dictionary<string, AddFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileFacts> _facts = new(StringComparer.Ordinal);

    /// <summary>Looks at a version.</summary>
    /// <param name="lake">The database that parts are opened in, each under the same name.</param>
    /// <param name="snapshot">The version.</param>
    /// <param name="relation">The name; no other view may have it.</param>
    public LakeParts(LakeQuery lake, Snapshot snapshot, string relation)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentException.ThrowIfNullOrWhiteSpace(relation);
        (_lake, _snapshot, _relation) = (lake, snapshot, relation);
        var columns = snapshot.Schema.ToJson();
        List<TablePart> parts = [];
        foreach (var file in snapshot.Files)
        {
            var name = file.Path.Length <= NameMax ? file.Path : Hash(file.Path);
            _files[name] = file;
            parts.Add(new TablePart(name, Hash($"{file.Path}\n{file.DeletionVector?.UniqueId}\n{columns}"), file.Size) { Partition = PartitionOf(name) });
        }

        Parts = [.. parts.OrderBy(p => _files[p.Name].ModificationTime).ThenBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<TablePart> Parts { get; }

    /// <summary>The partition a part belongs to, as <c>day=2001-01-31</c>; empty for a table without partitions.</summary>
    /// <param name="part">The part's name.</param>
    /// <exception cref="KeyNotFoundException">It is no part of this version.</exception>
    public string PartitionOf(string part)
        => string.Join('/', _files[part].PartitionValues.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value ?? "null"}"));

    /// <inheritdoc/>
    public bool TryKnow(TablePart part, Metric metric, TableShape shape, out object? value)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(shape);
        if (!_facts.TryGetValue(part.Name, out var facts))
        {
            _facts[part.Name] = facts = FileFacts.Of(_files[part.Name], _snapshot);
        }

        return facts.TryKnow(metric, shape, out value);
    }

    /// <inheritdoc/>
    public async ValueTask<string> OpenAsync(TablePart part, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(part);
        try
        {
            await _lake.RegisterAsync(_relation, _snapshot, [_files[part.Name]], cancellationToken).ConfigureAwait(false);
            return _relation;
        }
        catch (DeltaException e)
        {
            throw new MetricException($"Over '{part.Name}': {e.Message}", e);
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
