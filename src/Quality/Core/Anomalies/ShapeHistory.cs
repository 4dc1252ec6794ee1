using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Remembers the columns of tables, one object each time they differ from the ones before.</summary>
/// <remarks>Thread-safe, as the store below it. A shape is an object <c>shapes/&lt;table&gt;/&lt;instant&gt;.json</c>, written whole and never changed.</remarks>
/// <param name="store">Where shapes are kept.</param>
public sealed class ShapeHistory(IObjectStore store)
{
    private const string StampFormat = "yyyyMMdd'T'HHmmssfffffff'Z'";

    /// <summary>The columns of a table at the newest time before an instant.</summary>
    /// <param name="table">The table.</param>
    /// <param name="before">The instant, left out itself.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <returns>The shape, or null when none is known.</returns>
    /// <exception cref="QualityException">The stored shape is damaged.</exception>
    public async ValueTask<TableShape?> BeforeAsync(string table, DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (folder, limit) = (Folder(table), Folder(table) + Stamp(before));
        string? newest = null;
        await foreach (var found in store.ListAsync(folder, null, cancellationToken).ConfigureAwait(false))
        {
            newest = string.CompareOrdinal(found.Path, limit) < 0 ? found.Path : newest;
        }

        return newest is null || await store.TryGetAsync(newest, cancellationToken).ConfigureAwait(false) is not { } bytes ? null : Read(bytes, newest);
    }

    /// <summary>Keeps the columns of a table, unless they are those before.</summary>
    /// <param name="table">The table.</param>
    /// <param name="at">The day or instant of the data.</param>
    /// <param name="shape">The columns.</param>
    /// <param name="cancellationToken">Before the write.</param>
    public async ValueTask PutAsync(string table, DateTimeOffset at, TableShape shape, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (await BeforeAsync(table, at, cancellationToken).ConfigureAwait(false) is { } before && SchemaChange.Between(before, shape).Count == 0)
        {
            return;
        }

        KeptColumn[] columns = [.. shape.Columns.Select(c => new KeptColumn(c.Name, c.Type))];
        var path = Folder(table) + Stamp(at) + ".json";
        await store.PutAsync(path, JsonSerializer.SerializeToUtf8Bytes(columns, ShapeJson.Default.KeptColumnArray), cancellationToken).ConfigureAwait(false);
    }

    private static TableShape Read(ReadOnlyMemory<byte> bytes, string path)
    {
        try
        {
            var columns = JsonSerializer.Deserialize(bytes.Span, ShapeJson.Default.KeptColumnArray)!;
            return new TableShape(string.Empty, [.. columns.Select(c => new TableColumn(c.Name, c.Type, SqlTypes.Family(c.Type)))]);
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"The stored columns '{path}' are damaged. Remove the object to begin anew.", e);
        }
    }

    private static string Folder(string table)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return $"shapes/{Uri.EscapeDataString(table)}/";
    }

    private static string Stamp(DateTimeOffset instant) => instant.UtcDateTime.ToString(StampFormat, CultureInfo.InvariantCulture);
}

/// <summary>A column as it is kept.</summary>
internal sealed record KeptColumn(string Name, string Type);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptColumn[]))]
internal sealed partial class ShapeJson : JsonSerializerContext;
