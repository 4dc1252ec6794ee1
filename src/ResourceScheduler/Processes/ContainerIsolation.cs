namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>What keeps a container within its limits.</summary>
public enum ContainerIsolation
{
    /// <summary>A control group of version 2: the kernel enforces CPU, memory and the number of processes, and ends all of them at
    /// once.</summary>
    CgroupV2,

    /// <summary>A control group of version 1: the kernel enforces CPU, memory and the number of processes.</summary>
    CgroupV1,

    /// <summary>
    /// A session of processes that is looked at ten times a second: one that holds too much memory is killed, one that uses too much
    /// CPU is paused. Between two looks it can do as it likes.
    /// </summary>
    ProcessGroup,
}
