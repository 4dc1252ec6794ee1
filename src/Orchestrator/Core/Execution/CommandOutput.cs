using System.Text;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a program wrote: logged line by line, with the last lines kept.</summary>
internal sealed class CommandOutput(TaskContext context, int linesMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = [];
    private string? _last;

    public string Tail
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _tail);
            }
        }
    }

    public void Add(string? line, bool isError)
    {
        if (line is null)
        {
            return;
        }

        context.Log(line);
        lock (_gate)
        {
            _last = isError || line.Length == 0 ? _last : line;
            _tail.Enqueue(line);
            if (_tail.Count > linesMax)
            {
                _tail.Dequeue();
            }
        }
    }

    /// <summary>The last line as JSON where it is some, else as a text; null when there is none, or it is too long to pass on.</summary>
    public string? ReturnValue()
    {
        lock (_gate)
        {
            if (_last is null)
            {
                return null;
            }

            var json = XComJson.FromText(_last);
            if (Encoding.UTF8.GetByteCount(json) <= context.XComBytesMax)
            {
                return json;
            }

            context.Log($"the last line has {_last.Length} characters, which are too many for a return value: the task gives none");
            return null;
        }
    }
}
