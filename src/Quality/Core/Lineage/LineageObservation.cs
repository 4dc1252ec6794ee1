using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Quality.Lineage;

/// <summary>What one statement of a job was seen to read and write.</summary>
/// <param name="Job">The job.</param>
/// <param name="Edges">Its edges.</param>
/// <param name="At">When it was seen, UTC.</param>
/// <param name="Statement">Which of the job's statements, by a hash of its text, or of what it writes where no text is known; empty for all of them.</param>
/// <param name="Run">The run of the job; null where runs have no names.</param>
public sealed record LineageObservation(
    string Job, IEnumerable<LineageEdge> Edges, DateTimeOffset At, string Statement = "", string? Run = null)
{
    /// <summary>The hash that stands for a statement's text.</summary>
    /// <param name="sql">The text.</param>
    public static string HashOf(string sql) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql.Trim())).AsSpan(0, 8));
}
