using System.Globalization;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>
/// Judges a table's log by the protocol's rules, and replays it on the way: every commit line by line, every checksum file, every
/// checkpoint against the replay.
/// </summary>
public static class LogJudge
{
    /// <summary>Judges a log.</summary>
    /// <param name="log">Its files.</param>
    /// <returns>The state after the last commit; null where there is no log from version 0 on, so that it cannot be replayed.</returns>
    /// <exception cref="InvalidDataException">A rule is broken; the message lists the file, the line and the rule of each.</exception>
    public static TableState? Judge(LogFiles log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var violations = new Violations();
        if (log.Commits.FirstOrDefault() is not { Name: not null, Version: 0 })
        {
            return null;
        }

        var state = new TableState();
        var rules = new CommitRules(state, violations);
        var scratch = Path.Combine(Path.GetTempPath(), $"judge-{Guid.NewGuid():N}");
        var hasCheckpoints = log.Content.Keys.Any(n => n.Contains(".checkpoint.", StringComparison.Ordinal));
        Directory.CreateDirectory(scratch);
        try
        {
            using var duck = hasCheckpoints ? DuckRows.Open() : null;
            foreach (var (version, name, content) in log.Commits)
            {
                violations.At(name);
                violations.Unless(version == state.Version + 1, $"version {state.Version + 1} is missing before it");
                rules.Check(name, content);
                ChecksumRules.Check(log, state, violations);
                if (duck is not null)
                {
                    new CheckpointRules(log, duck, scratch, violations).Check(state);
                }
            }

            CheckHint(log, violations);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        violations.ThrowIfAny();
        return state;
    }

    private static void CheckHint(LogFiles log, Violations violations)
    {
        if (log.Content.TryGetValue("_last_checkpoint", out var hint))
        {
            violations.At("_last_checkpoint");
            var version = System.Text.Json.JsonDocument.Parse(hint).RootElement.GetProperty("version").GetInt64().ToString(
                "D20", CultureInfo.InvariantCulture);
            violations.Unless(log.Content.Keys.Any(n => n.StartsWith(version + ".checkpoint.", StringComparison.Ordinal)),
                $"there is no checkpoint of version {version}");
        }
    }
}
