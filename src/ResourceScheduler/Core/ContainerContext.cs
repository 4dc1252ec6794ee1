namespace DataPlatform.ResourceScheduler;

/// <summary>What the work in a container knows about it.</summary>
/// <param name="ContainerId">Its number.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="Queue">The queue that pays for it.</param>
/// <param name="Resources">What it may use.</param>
/// <param name="ApplicationName">The application it belongs to.</param>
/// <param name="User">On whose behalf it runs.</param>
public sealed record ContainerContext(long ContainerId, string Node, string Queue, ResourceVector Resources, string ApplicationName,
    string User);
