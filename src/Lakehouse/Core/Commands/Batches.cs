using Apache.Arrow;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Batches at hand as a stream.</summary>
internal static class Batches
{
    public static async IAsyncEnumerable<RecordBatch> Of(IReadOnlyList<RecordBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (var batch in batches)
        {
            yield return batch;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }
}
