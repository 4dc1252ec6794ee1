using System.Text.Json;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The file <c>_last_checkpoint</c>: where to begin listing. A hint only; anything wrong with it is ignored.</summary>
internal static class LastCheckpointHint
{
    public static async ValueTask<long?> ReadAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        if (await store.TryGetAsync(LogPath.LastCheckpoint, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("version", out var version) && version.TryGetInt64(out var number) && number >= 0 ? number : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A torn or foreign hint costs a longer listing, never the table.
            return null;
        }
    }

    public static ValueTask WriteAsync(
        IObjectStore store, long version, long actions, long sizeInBytes, long adds, CancellationToken cancellationToken, int? parts = null)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", version);
            writer.WriteNumber("size", actions);
            ActionWriter.WriteNumber(writer, "parts", parts);
            writer.WriteNumber("sizeInBytes", sizeInBytes);
            writer.WriteNumber("numOfAddFiles", adds);
            writer.WriteEndObject();
        }

        return store.PutAsync(LogPath.LastCheckpoint, buffer.ToArray(), cancellationToken);
    }
}
