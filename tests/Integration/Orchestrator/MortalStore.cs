using System.Reflection;
using System.Runtime.ExceptionServices;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>
/// A store, with its fleet and its commands, that does nothing more once a certain batch is committed: what others see of a process that is killed
/// between that commit and whatever it would have done next.
/// </summary>
public class MortalStore : DispatchProxy
{
    private object _inner = null!;
    private Life _life = null!;

    public static IOrchestratorStore Of(IOrchestratorStore inner, Func<StoreBatch, bool> isLast) =>
        (IOrchestratorStore)Wrap(typeof(IOrchestratorStore), inner, new Life(isLast));

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = targetMethod!;
        if (method.Name.StartsWith("get_", StringComparison.Ordinal))
        {
            var value = method.Invoke(_inner, args);
            return value is ISchedulerFleet or ICommandQueue ? Wrap(method.ReturnType, value, _life) : value;
        }

        _life.Check();
        try
        {
            return method.Name == nameof(IOrchestratorStore.CommitAsync)
                ? new ValueTask(CommitAsync((IOrchestratorStore)_inner, (StoreBatch)args![0]!, (CancellationToken)args[1]!))
                : method.Invoke(_inner, args);
        }
        catch (TargetInvocationException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }

    private async Task CommitAsync(IOrchestratorStore store, StoreBatch batch, CancellationToken cancellationToken)
    {
        await store.CommitAsync(batch, cancellationToken);
        _life.EndWith(batch);
        _life.Check();
    }

    private static object Wrap(Type type, object inner, Life life)
    {
        var proxy = Create(type, typeof(MortalStore));
        ((MortalStore)proxy)._inner = inner;
        ((MortalStore)proxy)._life = life;
        return proxy;
    }

    private sealed class Life(Func<StoreBatch, bool> isLast)
    {
        private volatile bool _isOver;

        public void EndWith(StoreBatch batch) => _isOver |= isLast(batch);

        public void Check()
        {
            if (_isOver)
            {
                throw new OrchestratorStoreException(ErrorKind.Unavailable, "the process is dead");
            }
        }
    }
}
