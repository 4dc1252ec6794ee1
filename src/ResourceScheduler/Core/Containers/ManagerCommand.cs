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
}
