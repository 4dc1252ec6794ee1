using System.Runtime.CompilerServices;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>Looks at the catalog's stamp once for all who follow it, and not at all while nobody does.</summary>
/// <remarks>Other processes write into the same store and cannot be subscribed to, which is why this looks and is not told.</remarks>
internal sealed class StampWatch(IQualityCatalog catalog, TimeSpan every, TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<string> _next = New();
    private int _readers;
    private bool _isLooking;

    /// <summary>The stamps from now on, each time they change; ends with the error when the catalog cannot be read.</summary>
    public async IAsyncEnumerable<string> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = Enter();
        try
        {
            while (true)
            {
                var stamp = await next.WaitAsync(cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    next = _next.Task;
                }

                yield return stamp;
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers--;
            }
        }
    }

    private static TaskCompletionSource<string> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<string> Enter()
    {
        lock (_gate)
        {
            _readers++;
            if (!_isLooking)
            {
                _isLooking = true;
                _ = LookAsync();
            }

            return _next.Task;
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var last = await catalog.StampAsync().ConfigureAwait(false);
            do
            {
                await Task.Delay(every, time).ConfigureAwait(false);
                var stamp = await catalog.StampAsync().ConfigureAwait(false);
                if (stamp != last)
                {
                    Renew().SetResult(stamp);
                    last = stamp;
                }
            }
            while (!MayStop());
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _isLooking = false;
            }

            Renew().SetException(e);
        }
    }

    private bool MayStop()
    {
        lock (_gate)
        {
            return !(_isLooking = _readers > 0);
        }
    }

    private TaskCompletionSource<string> Renew()
    {
        lock (_gate)
        {
            var told = _next;
            _next = New();
            return told;
        }
    }
}
