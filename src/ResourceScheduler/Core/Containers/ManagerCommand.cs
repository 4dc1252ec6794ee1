namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>What callers of a <see cref="ResourceManager"/> send to its loop.</summary>
internal abstract record ManagerCommand
{
    private ManagerCommand()
    {
    }

    public sealed record Tell(SchedulerEvent Event) : ManagerCommand;

    public sealed record Want(LeaseRequest Request) : ManagerCommand;

    public sealed record Withdraw(LeaseRequest Request) : ManagerCommand;

    public sealed record Release(long ContainerId, ContainerOutcome Outcome) : ManagerCommand;

    /// <summary>Something to do on the loop, whose caller waits until what follows from it is durable.</summary>
    /// <param name="Run">Does it and returns how to tell the caller that it is done.</param>
    /// <param name="Fail">Tells the caller that it is not.</param>
    public sealed record Call(Func<Action> Run, Action<Exception> Fail) : ManagerCommand;
}
