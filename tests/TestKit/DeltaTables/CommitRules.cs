using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Rules for a commit as a whole, against the state before it.</summary>
internal sealed class CommitRules(TableState state, Violations violations)
{
    private static readonly HashSet<string> ReaderFeatures =
    [
        "columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "typeWidening", "typeWidening-preview", "vacuumProtocolCheck",
            "variantType",
        "variantType-preview", "variantShredding", "variantShredding-preview",
    ];

    private readonly List<(string Kind, JsonElement Body)> _actions = [];

    public void Check(string name, byte[] content)
    {
        _actions.Clear();
        Read(name, content);
        violations.At(name);
        CheckOrder();
        CheckUniqueness();
        foreach (var (kind, body) in _actions.Where(a => a.Kind is "metaData" or "protocol"))
        {
            state.Apply(kind, body);
        }

        violations.Unless(state.Protocol is not null && state.Metadata is not null, "the first version has no protocol or no metaData");
        if (state.Protocol is { } protocol && state.Metadata is { } metadata)
        {
            CheckProtocol(protocol);
            MetadataRules.Check(state, metadata, violations);
            CheckFiles();
            CheckFeatures();
        }

        CheckTime();
        foreach (var (kind, body) in _actions)
        {
            state.Apply(kind, body);
        }

        state.Version++;
    }

    private void Read(string name, byte[] content)
    {
        violations.At(name);
        violations.Unless(content.Length > 0 && content[^1] == '\n', "the last line is not ended");
        var number = 0;
        foreach (var line in System.Text.Encoding.UTF8.GetString(content).TrimEnd('\n').Split('\n'))
        {
            violations.At($"{name} line {++number}");
            var root = JsonDocument.Parse(line).RootElement;
            var properties = root.EnumerateObject().ToArray();
            violations.Unless(properties.Length == 1, $"{properties.Length} actions on one line");
            ActionRules.Check(properties[0].Name, properties[0].Value, violations);
            _actions.Add((properties[0].Name, properties[0].Value));
        }
    }

    private void CheckOrder()
    {
        var infos = _actions.Count(a => a.Kind == "commitInfo");
        violations.Unless(infos <= 1, $"{infos} commitInfo actions");
        violations.Unless(infos == 0 || _actions[0].Kind == "commitInfo", "commitInfo is not the first action");
        violations.Unless(_actions.Count(a => a.Kind == "metaData") <= 1, "several metaData actions");
        violations.Unless(_actions.Count(a => a.Kind == "protocol") <= 1, "several protocol actions");
    }

    private void CheckUniqueness()
    {
        var files = _actions.Where(a => a.Kind is "add" or "remove").ToArray();
        foreach (var twice in files.GroupBy(a => TableState.KeyOf(a.Body)).Where(g => g.Count() > 1))
        {
            violations.Add($"several actions for the file {twice.Key}");
        }

        foreach (var path in files.Where(a => a.Kind == "add").GroupBy(a => TableState.KeyOf(a.Body).Path).Where(g => g.Count() > 1))
        {
            violations.Add($"'{path.Key}' is added with several deletion vectors");
        }

        foreach (var (kind, key) in new[] { ("txn", "appId"), ("domainMetadata", "domain") })
        {
            foreach (var twice in _actions.Where(a => a.Kind == kind).GroupBy(a => a.Body.GetProperty(key).GetString()).Where(
                g => g.Count() > 1))
            {
                violations.Add($"several {kind} actions for '{twice.Key}'");
            }
        }
    }

    private void CheckProtocol(JsonElement protocol)
    {
        var (reader, writer) = (protocol.GetProperty("minReaderVersion").GetInt32(), protocol.GetProperty("minWriterVersion").GetInt32());
        string[] Features(string name) => protocol.TryGetProperty(name, out var list)
            ? [.. list.EnumerateArray().Select(f => f.GetString()!)] : [];
        violations.Unless(reader is >= 1 and <= 3 && writer is >= 1 and <= 7, $"the protocol versions are {reader} and {writer}");
        violations.Unless(protocol.TryGetProperty("readerFeatures", out _) == (reader == 3),
            "readerFeatures and reader version 3 go together");
        violations.Unless(protocol.TryGetProperty("writerFeatures", out _) == (writer == 7),
            "writerFeatures and writer version 7 go together");
        violations.Unless(reader < 3 || writer == 7, "reader version 3 needs writer version 7");
        violations.Unless(Features("readerFeatures").All(Features("writerFeatures").Contains), "a reader feature is no writer feature");
        violations.Unless(reader == 3
            || !Features("writerFeatures").Any(f => ReaderFeatures.Contains(f) && !(f == "columnMapping" && reader == 2)),
            "a feature that readers must know is hidden from them");
        violations.Unless(
            reader < 3 || Features("writerFeatures").Where(ReaderFeatures.Contains).All(Features("readerFeatures").Contains),
            "a feature that readers must know is not among the reader features");
    }

    private void CheckFiles()
    {
        var partitions = state.Metadata!.Value.GetProperty("partitionColumns").EnumerateArray().Select(c => c.GetString()!)
            .Select(c => StatsRules.PhysicalName(
                state.Schema.GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == c)))
            .Order(StringComparer.Ordinal).ToArray();
        foreach (var (kind, body) in _actions.Where(a => a.Kind is "add" or "remove" or "cdc"))
        {
            var path = body.GetProperty("path").GetString()!;
            violations.Unless(path.Length > 0 && !path.Contains(' ', StringComparison.Ordinal)
                && !path.Split('/').Contains(".."), $"the path '{path}' is not encoded");
            violations.Unless(!body.TryGetProperty("size", out var size)
                || size.GetInt64() >= 0, $"'{path}' has the size {(body.TryGetProperty("size", out var s) ? s : default)}");
            if (body.TryGetProperty("partitionValues", out var values))
            {
                violations.Unless(
                    values.EnumerateObject().Select(v => v.Name).Order(StringComparer.Ordinal).SequenceEqual(partitions)
                        || kind == "remove",
                    $"the partition values of '{path}' are not those of {string.Join(", ", partitions)}");
            }

            if (kind == "add")
            {
                StatsRules.Check(body, state.Schema, violations);
            }
            else if (kind == "remove")
            {
                violations.Unless(state.Files.ContainsKey(TableState.KeyOf(body)), $"'{path}' is removed, and was not live");
                violations.Unless(!state.Is("delta.appendOnly")
                    || !body.GetProperty("dataChange").GetBoolean(), "rows are removed from an append-only table");
                violations.Unless(body.TryGetProperty("deletionTimestamp", out _), "remove.deletionTimestamp is missing");
            }
            else
            {
                violations.Unless(!body.GetProperty("dataChange").GetBoolean(), "cdc.dataChange must be false");
                violations.Unless(state.Is("delta.enableChangeDataFeed"), "a cdc action, and the change data feed is off");
            }
        }
    }

    private void CheckFeatures()
    {
        void Needs(bool used, string feature)
            => violations.Unless(!used || state.HasFeature(feature), $"the feature '{feature}' is used, and the protocol lacks it");
        Needs(_actions.Any(a => a.Kind is "add" && a.Body.TryGetProperty("deletionVector", out _)), "deletionVectors");
        Needs(_actions.Any(a => a.Kind is "domainMetadata"), "domainMetadata");
        Needs(_actions.Any(a => a.Kind is "cdc"), "changeDataFeed");
        Needs(_actions.Any(a => a.Kind is "add" && a.Body.TryGetProperty("baseRowId", out _)), "rowTracking");
        if (!state.HasFeature("rowTracking"))
        {
            return;
        }

        var mark = Mark(state.Domains.GetValueOrDefault("delta.rowTracking"));
        var next = Mark(_actions.LastOrDefault(
            a => a.Kind == "domainMetadata" && a.Body.GetProperty("domain").GetString() == "delta.rowTracking") is { Kind: not null } d
            ? d.Body.GetProperty("configuration").GetString() : state.Domains.GetValueOrDefault("delta.rowTracking"));
        violations.Unless(next >= mark, $"the row id mark falls from {mark} to {next}");
        var known = state.Files.Values.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var add in _actions.Where(a => a.Kind == "add").Select(a => a.Body))
        {
            if (!add.TryGetProperty("baseRowId", out var first) || !add.TryGetProperty("defaultRowCommitVersion", out var version))
            {
                violations.Add("add has no row ids on a table with row tracking");
                continue;
            }

            var rows = JsonDocument.Parse(add.GetProperty("stats").GetString()!).RootElement.GetProperty("numRecords").GetInt64();
            violations.Unless(first.GetInt64() + rows - 1 <= next, "the row ids of an add lie above the mark");
            violations.Unless(known.Contains(TableState.KeyOf(add).Path)
                || first.GetInt64() > mark, "a new file takes row ids that were given before");
            violations.Unless(version.GetInt64() <= state.Version + 1, "defaultRowCommitVersion lies in the future");
        }
    }

    private static long Mark(string? configuration)
        => configuration is null ? -1 : JsonDocument.Parse(configuration).RootElement.GetProperty("rowIdHighWaterMark").GetInt64();

    private void CheckTime()
    {
        if (!state.Is("delta.enableInCommitTimestamps"))
        {
            return;
        }

        if (_actions[0].Kind != "commitInfo" || !_actions[0].Body.TryGetProperty("inCommitTimestamp", out var time))
        {
            violations.Add("the first action has no in-commit timestamp");
            return;
        }

        violations.Unless(time.GetInt64() > (state.InCommitTimestamp ?? long.MinValue), "the in-commit timestamp does not grow");
        state.InCommitTimestamp = time.GetInt64();
    }
}
