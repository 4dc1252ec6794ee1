namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>A query whose columns are the values a statement writes, with the columns they are written to.</summary>
/// <param name="Columns">The columns written, one per output of the query.</param>
/// <param name="Sql">The query.</param>
internal sealed record WrittenQuery(IReadOnlyList<string> Columns, string Sql);

/// <summary>Rewrites UPDATE, MERGE and DELETE as queries over the same tables and conditions, so that one reader serves all.</summary>
internal static class StatementQueries
{
    public static IReadOnlyList<WrittenQuery> Of(StatementHead head) => head.Kind switch
    {
        StatementKind.Update => [Update(head)],
        StatementKind.Merge => [.. Merge(head)],
        StatementKind.Delete => [Delete(head)],
        _ => throw new LineageNotFoundException($"A statement of kind {head.Kind} is no query in disguise."),
    };

    private static WrittenQuery Update(StatementHead head)
    {
        var at = new TokenCursor(head.Body);
        at.SkipTo("set");
        var target = at.Text(0, at.Position);
        at.Skip("set");
        var (columns, values) = Assignments(at, "from", "where", "returning");
        var from = Clause(at, "from", "where", "returning");
        var where = Clause(at, "where", "returning");
        return new WrittenQuery(columns, $"{head.With} SELECT {string.Join(", ", values)} FROM {target}{(from.Length == 0 ? "" : $", {from}")}{Where(where)}");
    }

    private static WrittenQuery Delete(StatementHead head)
    {
        var at = new TokenCursor(head.Body);
        at.SkipTo("using", "where", "returning");
        var target = at.Text(0, at.Position);
        var from = Clause(at, "using", "where", "returning");
        var where = Clause(at, "where", "returning");
        return new WrittenQuery([], $"{head.With} SELECT 1 FROM {target}{(from.Length == 0 ? "" : $", {from}")}{Where(where)}");
    }

    private static IEnumerable<WrittenQuery> Merge(StatementHead head)
    {
        var at = new TokenCursor(head.Body);
        at.SkipTo("using");
        var target = at.Text(0, at.Position);
        at.Skip("using");
        var start = at.Position;
        at.SkipTo("on", "using");
        var source = at.Text(start, at.Position);
        start = at.Position;
        at.SkipTo("when");
        var from = $"{source} JOIN {target} {at.Text(start, at.Position)}";
        while (at.Skip("when"))
        {
            at.SkipTo("and", "then");
            var condition = Clause(at, "and", "then");
            at.Skip("then");
            if (Branch(at) is { } branch)
            {
                yield return new WrittenQuery(branch.Columns, $"{head.With} SELECT {string.Join(", ", branch.Values.DefaultIfEmpty("1"))} FROM {from}{Where(condition)}");
            }

            at.SkipTo("when");
        }
    }

    private static (IReadOnlyList<string> Columns, IReadOnlyList<string> Values)? Branch(TokenCursor at)
    {
        if (at.Skip("update", "set") && !at.Is("*"))
        {
            return Assignments(at, "when", "returning");
        }

        if (at.Skip("insert") && at.NameList() is { Count: > 0 } columns && at.Skip("values", "("))
        {
            return (columns, Expressions(at));
        }

        return ([], []);
    }

    private static (IReadOnlyList<string> Columns, IReadOnlyList<string> Values) Assignments(TokenCursor at, params string[] ends)
    {
        List<string> columns = [];
        List<string> values = [];
        while (!at.AtEnd && !ends.Any(e => at.Is(e)))
        {
            var names = at.Is("(") ? at.NameList() : at.Name() is { } name ? [name.Split('.')[^1]] : [];
            if (names.Count == 0 || !at.Skip("="))
            {
                throw new LineageNotFoundException("The SET clause assigns something other than columns.");
            }

            columns.AddRange(names);
            var start = at.Position;
            if (names.Count > 1 && at.Is("(") && !at.Is("(", "select") && at.Skip("("))
            {
                values.AddRange(Expressions(at));
            }
            else
            {
                at.SkipTo([",", .. ends]);
                values.AddRange(Enumerable.Repeat(at.Text(start, at.Position), names.Count));
            }

            at.Skip(",");
        }

        return (columns, values);
    }

    private static List<string> Expressions(TokenCursor at)
    {
        List<string> expressions = [];
        while (!at.AtEnd && !at.Is(")"))
        {
            var start = at.Position;
            SkipExpression(at);
            expressions.Add(at.Text(start, at.Position));
            at.Skip(",");
        }

        at.Skip(")");
        return expressions;
    }

    private static void SkipExpression(TokenCursor at)
    {
        for (var depth = 0; !at.AtEnd && (depth > 0 || (!at.Is(",") && !at.Is(")"))); at.Position++)
        {
            depth += at.Is("(") || at.Is("[") || at.Is("{") ? 1 : at.Is(")") || at.Is("]") || at.Is("}") ? -1 : 0;
        }
    }

    private static string Clause(TokenCursor at, string word, params string[] ends)
    {
        if (!at.Skip(word))
        {
            return string.Empty;
        }

        var start = at.Position;
        at.SkipTo(ends);
        return at.Text(start, at.Position);
    }

    private static string Where(string condition) => condition.Length == 0 ? string.Empty : $" WHERE {condition}";
}
