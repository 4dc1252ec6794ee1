using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Events as JSON lines: one to a line, as the file transport of OpenLineage's clients writes them.</summary>
public static class OpenLineageLines
{
    /// <summary>The longest line read, in characters.</summary>
    public const int LineLengthMax = 4 * 1024 * 1024;

    /// <summary>Reads events into a graph.</summary>
    /// <param name="reader">The text; stays the caller's.</param>
    /// <param name="events">Takes the events.</param>
    /// <param name="cancellationToken">Stops between two lines; what was read stays in the graph.</param>
    /// <returns>How many events there were, and how many of them the graph took.</returns>
    /// <exception cref="QualityException">A line is no event; the message names the line.</exception>
    public static async ValueTask<(int Read, int Taken)> ReadAsync(
        TextReader reader, OpenLineageReader events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(events);
        var (read, taken) = (0, 0);
        await foreach (var (number, line) in LinesAsync(reader, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                taken += events.Accept(line) ? 1 : 0;
                read++;
            }
            catch (QualityException e)
            {
                throw new QualityException(e.Kind, $"Line {number}: {e.Message}", e);
            }
        }

        return (read, taken);
    }

    /// <summary>Writes events.</summary>
    /// <param name="writer">The text; stays the caller's.</param>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <returns>How many were written.</returns>
    public static async ValueTask<int> WriteAsync(TextWriter writer, IEnumerable<JsonObject> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(events);
        var written = 0;
        foreach (var one in events)
        {
            await writer.WriteAsync((one.ToJsonString() + "\n").AsMemory(), cancellationToken).ConfigureAwait(false);
            written++;
        }

        return written;
    }

    /// <summary>Lines that are not empty, with their numbers from 1; read piece by piece, so that a long one costs no more than is allowed.</summary>
    private static async IAsyncEnumerable<(int Number, string Line)> LinesAsync(
        TextReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (line, number, buffer) = (new StringBuilder(), 1, new char[16 * 1024]);
        int count;
        while ((count = await reader.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != '\n')
                {
                    line.Append(buffer[i]);
                    continue;
                }

                if (Finish(line) is { } text)
                {
                    yield return (number, text);
                }

                number++;
            }

            if (line.Length > LineLengthMax)
            {
                throw new QualityException(ErrorKind.Invalid, $"Line {number} is longer than {LineLengthMax} characters.");
            }
        }

        if (Finish(line) is { } last)
        {
            yield return (number, last);
        }
    }

    private static string? Finish(StringBuilder line)
    {
        var text = line.ToString().Trim();
        line.Clear();
        return text.Length == 0 ? null : text;
    }
}
