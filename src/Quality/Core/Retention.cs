namespace DataPlatform.Quality;

/// <summary>Forgets in small batches.</summary>
internal static class Retention
{
    /// <summary>Removes at most some rows of before an instant, and tells how many.</summary>
    public delegate ValueTask<int> Remove(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken);

    /// <summary>Removes what is over age, a batch at a time, until none is left.</summary>
    /// <param name="rules">What to remove, with the age it may have.</param>
    /// <param name="now">The time.</param>
    /// <param name="batchRows">Rows of a batch.</param>
    /// <param name="cancellationToken">Stops between two batches; the next time goes on.</param>
    /// <returns>How many rows were removed.</returns>
    public static async ValueTask<long> RunAsync(
        IEnumerable<(TimeSpan Keep, Remove Remove)> rules, DateTimeOffset now, int batchRows, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var (keep, remove) in rules)
        {
            var before = now - DateTimeOffset.MinValue > keep ? now - keep : DateTimeOffset.MinValue;
            int count;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                count = await remove(before, batchRows, cancellationToken).ConfigureAwait(false);
                removed += count;
            }
            while (count >= batchRows);
        }

        return removed;
    }
}
