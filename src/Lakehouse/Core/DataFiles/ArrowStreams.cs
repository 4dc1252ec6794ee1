using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Steps over Arrow streams whose native source answers at once.</summary>
internal static class ArrowStreams
{
    /// <summary>The next batch, or null at the end.</summary>
    public static RecordBatch? Next(IArrowArrayStream stream)
    {
        var next = stream.ReadNextRecordBatchAsync();
        if (!next.IsCompleted)
        {
            throw new InvalidOperationException("A native Arrow stream was expected to answer without waiting.");
        }

#pragma warning disable RS0030 // The task is complete: nothing is waited for.
        return next.Result;
#pragma warning restore RS0030
    }
}
