namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>What a statement does, as far as its first words tell.</summary>
internal enum StatementKind
{
    /// <summary>SELECT and everything else that returns rows.</summary>
    Query,

    /// <summary>INSERT of a query's rows.</summary>
    Insert,

    /// <summary>CREATE TABLE AS, CREATE VIEW AS.</summary>
    CreateAs,

    /// <summary>COPY of a query or table to a file.</summary>
    CopyTo,

    /// <summary>UPDATE.</summary>
    Update,

    /// <summary>MERGE.</summary>
    Merge,

    /// <summary>DELETE.</summary>
    Delete,

    /// <summary>DDL, settings, transactions.</summary>
    Other,
}

/// <summary>The beginning of a statement, read without a schema.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Target">What it writes; null for queries.</param>
/// <param name="Columns">The target's columns where the statement lists them.</param>
/// <param name="ByName">Whether an INSERT maps by name.</param>
/// <param name="With">The WITH clause before the statement; empty when there is none.</param>
/// <param name="Body">What comes after the head: a query, or the rest of UPDATE, MERGE and DELETE.</param>
internal sealed record StatementHead(StatementKind Kind, string? Target, IReadOnlyList<string> Columns, bool ByName, string With, string Body)
{
    private static readonly string[] Queries =
    [
        "select", "from", "values", "table", "pivot", "pivot_wider", "unpivot", "pivot_longer", "(", "describe", "summarize", "show",
    ];

    /// <summary>What an INSERT calls its target in ON CONFLICT; null when it has no other name.</summary>
    public string? Alias { get; private init; }

    /// <summary>What follows ON CONFLICT and its columns: DO NOTHING, or DO UPDATE SET and its assignments; empty when there is no such clause.</summary>
    public string Conflict { get; private init; } = string.Empty;

    /// <summary>The columns of the target that ON CONFLICT compares; empty where it does not say.</summary>
    public IReadOnlyList<string> ConflictKeys { get; private init; } = [];

    /// <summary>Whether an INSERT writes a row of nothing but defaults.</summary>
    public bool HasDefaultValues => Kind == StatementKind.Insert && new TokenCursor(Body).Is("default", "values");

    public static StatementHead Read(string sql)
    {
        var at = new TokenCursor(sql);
        if (at.Is("with"))
        {
            at.SkipTo("insert", "update", "delete", "merge", "select", "from", "values", "table", "pivot", "unpivot");
        }

        var with = at.Text(0, at.Position);
        return at.Current.Value.ToUpperInvariant() switch
        {
            "INSERT" => Insert(at, with),
            "CREATE" => Create(at),
            "COPY" => Copy(at),
            "UPDATE" => Written(at, StatementKind.Update, with, ["update"]),
            "DELETE" => Written(at, StatementKind.Delete, with, ["delete", "from"]),
            "MERGE" => Written(at, StatementKind.Merge, with, ["merge", "into"]),
            _ => new StatementHead(with.Length > 0 || Queries.Any(q => at.Is(q)) ? StatementKind.Query : StatementKind.Other, null, [], false, string.Empty, sql),
        };
    }

    private static StatementHead Insert(TokenCursor at, string with)
    {
        at.SkipTo("into");
        at.Skip("into");
        var target = at.Name();
        var alias = at.Skip("as") ? at.Name() : null;
        var columns = at.NameList();
        var byName = at.Skip("by", "name");
        at.Skip("by", "position");
        var start = at.Position;
        do
        {
            at.SkipTo("on", "returning");
        }
        while (at.Is("on") && !at.Is("on", "conflict") && at.Skip("on"));

        var body = $"{with} {at.Text(start, at.Position)}".Trim();
        at.Skip("on", "conflict");
        var keys = at.NameList();
        start = at.Position;
        at.SkipTo("returning");
        return new StatementHead(StatementKind.Insert, target, columns, byName, with, body)
        {
            Alias = alias,
            ConflictKeys = keys,
            Conflict = at.Text(start, at.Position),
        };
    }

    private static StatementHead Create(TokenCursor at)
    {
        var start = at.Position;
        at.SkipTo("table", "view", "macro", "function", "schema", "type", "sequence", "index", "secret");
        var isRelation = at.Is("table") || at.Is("view");
        at.Position += at.AtEnd ? 0 : 1;
        at.Skip("if", "not", "exists");
        var target = at.Name();
        var columns = at.NameList();
        if (!isRelation || !at.Skip("as"))
        {
            return new StatementHead(StatementKind.Other, target, [], false, string.Empty, at.Text(start, at.Position));
        }

        return new StatementHead(StatementKind.CreateAs, target, columns, false, string.Empty, WithoutDataClause(at.Rest));
    }

    private static string WithoutDataClause(string query)
    {
        var tokens = SqlScanner.Tokens(query).ToList();
        return tokens is [.., var w, var n, var d] && w.Is("with") && n.Is("no") && d.Is("data") ? query[..w.Start] : query;
    }

    private static StatementHead Copy(TokenCursor at)
    {
        at.Skip("copy");
        var start = at.Position;
        at.SkipTo("to", "from");
        var body = at.Text(start, at.Position);
        var isTo = at.Is("to");
        at.Position += at.AtEnd ? 0 : 1;
        var path = at.Current.Value;
        return isTo
            ? new StatementHead(StatementKind.CopyTo, path, [], false, string.Empty, CopyQuery(body))
            : CopyFrom(body, path);
    }

    private static string CopyQuery(string body)
    {
        var at = new TokenCursor(body);
        at.Name();
        var columns = at.NameList();
        return body.StartsWith('(') ? body : columns.Count == 0
            ? $"FROM {body}"
            : $"SELECT {SqlText.Columns(columns)} FROM {new TokenCursor(body).Name()}";
    }

    private static StatementHead CopyFrom(string body, string path)
    {
        var at = new TokenCursor(body);
        var target = at.Name();
        return new StatementHead(StatementKind.Insert, target, at.NameList(), false, string.Empty, $"FROM {SqlText.Identifier(path)}");
    }

    private static StatementHead Written(TokenCursor at, StatementKind kind, string with, string[] words)
    {
        at.Skip(words);
        var body = at.Rest;
        return new StatementHead(kind, at.Name(), [], false, with, body);
    }
}
