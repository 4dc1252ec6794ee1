using k8s.Models;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>One try's wait for its pod: the latest image of the pod, and a signal for each new one.</summary>
internal sealed class PodWait
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The pod as it was last seen; null before it was made.</summary>
    public V1Pod? Pod { get; private set; }

    /// <summary>Whether it was there and is no more.</summary>
    public bool IsGone { get; private set; }

    public void See(V1Pod pod)
    {
        lock (_gate)
        {
            Pod = pod;
            Signal();
        }
    }

    /// <summary>Takes the answer of a request, unless the watch, which may be ahead of it, has told of the pod already.</summary>
    public void SeeFirst(V1Pod pod)
    {
        lock (_gate)
        {
            Pod ??= pod;
            Signal();
        }
    }

    public void Lose()
    {
        lock (_gate)
        {
            IsGone = true;
            Signal();
        }
    }

    /// <summary>Waits until a function of the pod gives something.</summary>
    public async Task<T> UntilAsync<T>(Func<V1Pod?, bool, T?> look, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (look(Pod, IsGone) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Signal()
    {
        var before = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.TrySetResult();
    }
}
