using System.Threading.Channels;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>A registered node's line to the manager: what it is to do. It ends when the node registers again or the manager
/// stops.</summary>
public sealed class NodeSession
{
    /// <summary>Commands an agent may leave unread; beyond them it has to register again.</summary>
    private const int CommandsMax = 65_536;

    private readonly Channel<NodeCommand> _commands = Channel.CreateBounded<NodeCommand>(
        new BoundedChannelOptions(CommandsMax) { SingleReader = true, SingleWriter = true });

    internal NodeSession(long leaderEpoch) => LeaderEpoch = leaderEpoch;

    /// <summary>The epoch of the manager that took the registration.</summary>
    public long LeaderEpoch { get; }

    /// <summary>What to do, in order. Completed when the session is over: register again.</summary>
    public ChannelReader<NodeCommand> Commands => _commands.Reader;

    internal bool TrySend(NodeCommand command) => _commands.Writer.TryWrite(command);

    internal void End() => _commands.Writer.TryComplete();
}
