namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Commands to the scheduler that owns a DAG, from any process that can reach the store.</summary>
/// <remarks>
/// Thread-safe. What a command does and its answer are written in one batch, so it is done once however often its scheduler dies. With an
/// idempotency key a command that is sent again is the same command.
/// </remarks>
public interface ICommandQueue
{
    /// <summary>Adds a command.</summary>
    /// <param name="command">The command; its number is ignored.</param>
    /// <param name="cancellationToken">Stops waiting; the command may have been added.</param>
    /// <returns>Its number; that of the earlier one when its DAG has one with the same key.</returns>
    ValueTask<long> SendAsync(QueuedCommand command, CancellationToken cancellationToken = default);

    /// <summary>The answers to commands, as far as there are any.</summary>
    /// <param name="commandIds">The commands.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<CommandAnswer>> ListAnswersAsync(IReadOnlyCollection<long> commandIds, CancellationToken cancellationToken = default);

    /// <summary>Commands without an answer, the oldest first.</summary>
    /// <param name="term">Only for DAGs of this session; all where a store has one scheduler.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<QueuedCommand>> ListOpenAsync(long term, int limit, CancellationToken cancellationToken = default);
}
