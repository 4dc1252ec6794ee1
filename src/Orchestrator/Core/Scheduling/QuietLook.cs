namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>What a look into the loop found.</summary>
/// <param name="IsQuiet">Whether nothing was on its way: nothing posted, due, decided but not written, or being read or told outside.</param>
/// <param name="Runs">Runs that have not ended.</param>
internal sealed record QuietLook(bool IsQuiet, IReadOnlyList<long> Runs);
