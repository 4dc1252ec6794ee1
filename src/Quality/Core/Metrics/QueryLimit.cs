namespace DataPlatform.Quality.Metrics;

/// <summary>Stops a query that takes too long.</summary>
internal static class QueryLimit
{
    /// <summary>Runs a query under a limit.</summary>
    /// <param name="query">The query.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Stops it too, and is then no matter of the limit.</param>
    /// <exception cref="MetricException">It took longer.</exception>
    public static async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> query, TimeSpan limit, CancellationToken cancellationToken)
    {
        // Real time, whatever clock the run has: it is about a processor that is busy, not about the data.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        both.CancelAfter(limit);
        try
        {
            return await query(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var length = limit.ToString("c", System.Globalization.CultureInfo.InvariantCulture);
            throw new MetricException($"The query was stopped after {length}, the longest that one may take.", e) { IsStopped = true };
        }
    }
}
