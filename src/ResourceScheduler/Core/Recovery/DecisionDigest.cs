namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>
/// A running fingerprint of decisions. The log holds events, not what was decided; a program that would decide differently today must not
/// replay them as if nothing had happened, so each record carries the fingerprint and a replay compares.
/// </summary>
internal static class DecisionDigest
{
    public const ulong Empty = 0xCBF29CE484222325;

    public static ulong Add(ulong digest, SchedulerDecision decision) => decision switch
    {
        SchedulerDecision.ContainerPlaced placed => Mix(Mix(Mix(Mix(Mix(digest, 1), placed.ContainerId), placed.AskId), placed.Task),
            placed.Node),
        SchedulerDecision.ContainerStopRequested stop => Mix(Mix(Mix(digest, 2), stop.ContainerId), stop.GraceMs),
        SchedulerDecision.ContainerLost lost => Mix(Mix(digest, 3), lost.ContainerId),
        SchedulerDecision.ApplicationRefused refused => Mix(Mix(digest, 4), refused.ApplicationId),
        SchedulerDecision.ApplicationStateChanged changed => Mix(Mix(Mix(digest, 5), changed.ApplicationId), (long)changed.State),
        SchedulerDecision.AskCompleted completed => Mix(Mix(Mix(digest, 6), completed.AskId), completed.Failed),
        SchedulerDecision.AskRefused refused => Mix(Mix(digest, 7), refused.AskId),
        SchedulerDecision.NodeStateChanged changed => Mix(Mix(Mix(digest, 8), (long)changed.State), changed.Node),
        SchedulerDecision.EventRefused => Mix(digest, 9),
        SchedulerDecision.CheckpointRequested checkpoint => Mix(Mix(digest, 10), checkpoint.ContainerId),

        // Claims explain stops and reservations; those are in the digest themselves.
        _ => digest,
    };

    private static ulong Mix(ulong digest, long value) => unchecked((((digest ^ (ulong)value) * 0x100000001B3) << 7)
        | (((digest ^ (ulong)value) * 0x100000001B3) >> 57));

    private static ulong Mix(ulong digest, string text)
    {
        foreach (var letter in text)
        {
            digest = unchecked((digest ^ letter) * 0x100000001B3);
        }

        return Mix(digest, text.Length);
    }
}
