using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks the placeholders of commands and SQL, so that a name that is not there is found before the first run.</summary>
internal static class TemplateAnalyzer
{
    public static void Check(
        DagSettings settings, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index, List<DagProblem> problems)
    {
        foreach (var task in tasks)
        {
            IReadOnlyList<string> texts = task.Body switch
            {
                CommandBody command => [.. command.Arguments, .. command.Environment.Values, command.File],
                SqlBody sql => [sql.Text],
                _ => [],
            };
            if (texts.Count == 0)
            {
                continue;
            }

            var before = new Lazy<HashSet<string>>(() => Before(task, tasks, index));
            bool IsBefore(string id) => task.Upstream.Contains(id, StringComparer.Ordinal) || before.Value.Contains(id);
            foreach (var problem in texts.SelectMany(text => Template.Problems(text, settings.Params, IsBefore)))
            {
                problems.Add(new DagProblem(task.Id, $"task '{task.Id}': {problem}."));
            }

            if (task.Body is SqlBody { Text: var statement } && SqlTemplate.FindQuoted(statement) is { } quoted)
            {
                problems.Add(new DagProblem(task.Id, $"task '{task.Id}': '{quoted}' stands in quotes, where it would be no value: it becomes a parameter."));
            }

            if (!task.IsMapped && texts.Any(NamesItem))
            {
                problems.Add(new DagProblem(task.Id, $"task '{task.Id}' names '{{{{item}}}}', but it is not mapped."));
            }
        }
    }

    private static bool NamesItem(string text) => Template.Placeholder().Matches(text)
        .Any(match => match.Groups[1].Value.Trim() is "item" || match.Groups[1].Value.Trim().StartsWith("item.", StringComparison.Ordinal));

    private static HashSet<string> Before(DagTask task, IReadOnlyList<DagTask> tasks, IReadOnlyDictionary<string, int> index)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(task.Upstream);
        while (open.TryPop(out var id))
        {
            if (found.Add(id))
            {
                foreach (var upstream in tasks[index[id]].Upstream)
                {
                    open.Push(upstream);
                }
            }
        }

        return found;
    }
}
