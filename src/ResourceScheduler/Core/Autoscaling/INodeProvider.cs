namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>Where nodes come from: a cloud, a rack with power switches, a simulation.</summary>
public interface INodeProvider
{
    /// <summary>Asks for a node. It registers with the scheduler by itself, under the name, when it is up.</summary>
    /// <param name="node">The name it is to have.</param>
    /// <param name="group">What it is to be.</param>
    /// <param name="cancellationToken">Cancelled: the node may or may not come.</param>
    /// <returns>Whether the provider will start it; false when it has none of that kind now.</returns>
    ValueTask<bool> TryStartAsync(string node, NodeGroup group, CancellationToken cancellationToken);

    /// <summary>Gives a node back. One that is not there, or gone already, is no error.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="cancellationToken">Cancelled: the node may still be there.</param>
    ValueTask StopAsync(string node, CancellationToken cancellationToken);

    /// <summary>Notices since the last call that nodes will be taken away.</summary>
    /// <param name="cancellationToken">Cancelled: no notice is lost.</param>
    ValueTask<IReadOnlyList<InterruptionNotice>> TakeNoticesAsync(CancellationToken cancellationToken);
}

/// <summary>A node will be taken away.</summary>
/// <param name="Node">Its name.</param>
/// <param name="RemainingMs">How long it still runs, usually two minutes.</param>
public readonly record struct InterruptionNotice(string Node, long RemainingMs);
