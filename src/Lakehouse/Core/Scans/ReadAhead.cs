using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Apache.Arrow;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>
/// Decodes files side by side and hands their batches on in the order of the files. What is read ahead is bounded: some files, and some batches
/// of each.
/// </summary>
internal static class ReadAhead
{
    private const int BatchesAhead = 2;

    /// <param name="files">The files.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="cancellationToken">Stops all reading.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        IEnumerable<AddFile> files, Func<AddFile, CancellationToken, IAsyncEnumerable<RecordBatch>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Queue<(Channel<RecordBatch> Batches, Task Work)> ahead = new();
        using var next = files.GetEnumerator();
        try
        {
            for (var hasMore = true; ;)
            {
                while (hasMore && ahead.Count < Environment.ProcessorCount && (hasMore = next.MoveNext()))
                {
                    var file = next.Current;
                    var batches = Channel.CreateBounded<RecordBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
                    ahead.Enqueue((batches, Task.Run(() => FillAsync(batches.Writer, read(file, stop.Token), stop.Token), CancellationToken.None)));
                }

                if (ahead.Count == 0)
                {
                    break;
                }

                await foreach (var batch in ahead.Peek().Batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    yield return batch;
                }

                await ahead.Dequeue().Work.ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (var (batches, work) in ahead)
            {
                await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                while (batches.Reader.TryRead(out var unread))
                {
                    unread.Dispose();
                }
            }
        }
    }

    /// <summary>An error goes through the channel to the one who reads it, after the batches before it.</summary>
    private static async Task FillAsync(ChannelWriter<RecordBatch> batches, IAsyncEnumerable<RecordBatch> rows, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            batches.Complete();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            batches.Complete(e);
        }
    }
}
