namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Who did what by hand. Nothing in it is ever changed but the outcome of an action that had begun.</summary>
/// <remarks>
/// Thread-safe; durable when a call returns. An action is entered before it is done and completed after, so that none goes without an entry:
/// one that stayed at <see cref="AuditOutcome.Begun"/> was cut off, and may or may not have been done.
/// </remarks>
public interface IAuditLog
{
    /// <summary>Enters an action that is about to be done.</summary>
    /// <param name="entry">The action; its number and outcome are ignored.</param>
    /// <param name="cancellationToken">Stops waiting; the entry may have been made.</param>
    /// <returns>Its number.</returns>
    ValueTask<long> BeginAsync(AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Says what became of an action.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="outcome">Done or refused.</param>
    /// <param name="result">What was done, or why not; cut to <see cref="AuditEntry.ResultLengthMax"/> characters.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken = default);

    /// <summary>Entries, newest first.</summary>
    ValueTask<IReadOnlyList<AuditEntry>> ListAsync(AuditQuery query, CancellationToken cancellationToken = default);
}
