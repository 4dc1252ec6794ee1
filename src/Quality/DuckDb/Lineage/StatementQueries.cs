namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>A query whose columns are the values a statement writes, with the columns they are written to.</summary>
/// <param name="Columns">The columns written, one per output of the query.</param>
/// <param name="Sql">The query.</param>
/// <param name="ByName">Whether an output goes to the column of its own name.</param>
/// <param name="IsStar">Whether all outputs are written, however many there are.</param>
internal sealed record WrittenQuery(IReadOnlyList<string> Columns, string Sql, bool ByName = false, bool IsStar = false);

/// <summary>Rewrites UPDATE, MERGE, DELETE and what INSERT does on conflict as queries over the same tables and conditions, so that one reader serves all.</summary>
internal static class StatementQueries
{
    private static readonly WrittenQuery NoBranch = new([], "1");

    /// <param name="head">A statement.</param>
    /// <param name="targetColumns">All columns of its target, or those it lists; empty when they are not known.</param>
    /// <returns>The queries; none for a statement whose rows are those of its own query.</returns>
    public static IReadOnlyList<WrittenQuery> Of(StatementHead head, IReadOnlyList<string> targetColumns) => head.Kind switch
    {
        StatementKind.Update => [Update(head)],
        StatementKind.Merge => [.. Merge(head, targetColumns)],
        StatementKind.Delete => [Delete(head)],
        StatementKind.Insert when Upsert(head, targetColumns) is { } upsert => [upsert],
        _ => [],
    };

    /// <summary>The values of DO UPDATE SET: those of the row that is there, and those of the row that was to be inserted, which goes by <c>excluded</c>.</summary>
    private static WrittenQuery? Upsert(StatementHead head, IReadOnlyList<string> targetColumns)
    {
        var at = new TokenCursor(head.Conflict);
        at.SkipTo("do");
        if (!at.Skip("do", "update", "set") || head.HasDefaultValues)
        {
            return null;
        }

        var (columns, values) = Assignments(at, "where");
        var where = Clause(at, "where");
        var names = targetColumns.Count == 0 ? string.Empty : $"({SqlText.Columns(targetColumns)})";
        var target = SqlText.Relation(head.Target!) + (head.Alias is null ? string.Empty : $" AS {SqlText.Identifier(head.Alias)}");
        return new WrittenQuery(columns, $"SELECT {string.Join(", ", values)} FROM {target}, ({head.Body}) AS excluded{names}{Where(where)}");
    }

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

    private static IEnumerable<WrittenQuery> Merge(StatementHead head, IReadOnlyList<string> targetColumns)
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
            var branch = Branch(at, source, targetColumns);
            yield return branch with { Sql = $"{head.With} SELECT {branch.Sql} FROM {from}{Where(condition)}" };
            at.SkipTo("when");
        }
    }

    /// <summary>What a branch of MERGE writes; its text is the select list alone.</summary>
    private static WrittenQuery Branch(TokenCursor at, string source, IReadOnlyList<string> targetColumns)
    {
        var isInsert = at.Is("insert");
        if (!isInsert && !at.Is("update"))
        {
            return NoBranch;
        }

        at.Position++;
        var byName = at.Skip("by", "name");
        at.Skip("by", "position");
        if (!isInsert && at.Skip("set") && !at.Is("*"))
        {
            var (columns, values) = Assignments(at, "when", "returning");
            return new WrittenQuery(columns, string.Join(", ", values));
        }

        var listed = at.NameList();
        if (at.Skip("values", "("))
        {
            var values = Expressions(at);
            var columns = listed.Count > 0 ? listed : targetColumns;
            return new WrittenQuery(columns, string.Join(", ", values), IsStar: columns.Count == 0);
        }

        return at.Is("default") ? NoBranch : new WrittenQuery(byName ? [] : targetColumns, $"{NameOf(source)}.*", byName, IsStar: true);
    }

    /// <summary>The name that a table in FROM goes by.</summary>
    private static string NameOf(string relation)
    {
        var at = new TokenCursor(relation);
        var name = at.Name();
        if (at.Is("("))
        {
            SkipGroup(at);
        }

        at.Skip("as");
        return SqlText.Identifier(at.Name() ?? name?.Split('.')[^1] ?? string.Empty);
    }

    private static void SkipGroup(TokenCursor at)
    {
        at.Position++;
        while (!at.AtEnd && !at.Is(")"))
        {
            SkipExpression(at);
            at.Skip(",");
        }

        at.Skip(")");
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
