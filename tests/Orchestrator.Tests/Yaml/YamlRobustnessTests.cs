using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Yaml;

namespace DataPlatform.Orchestrator.Tests.Yaml;

/// <summary>Every name of the schema with every odd value: what reading refuses it refuses with a place, and what it takes the schema takes too, else
/// editors would underline what works.</summary>
public sealed class YamlRobustnessTests
{
    private static readonly string[] Values =
    [
        "", "~", "null", "[]", "{}", "[[]]", "{a: b}", "[a, b]", "[{a: b}]",
        "-1", "0", "1", "7", "1.5", "1e300", "1e999", "99999999999999999999", "true", "no",
        "x y", "\"\"", "a", "5m", "0s", "9999999d9999999d", "00:10:00", "1.02:03:04",
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-01-01", ".nan", ".inf",
        "'{{ nope'", "'{{ params.nope }}'", "\"@once\"", "\"@daily\"", "\"* * * * *\"", "\"0 0 31 2 *\"", "\"a\\0b\"", "\"\\uD800\"", "list of text", "all-done",
        "integer", "full", "vixie", "reschedule", "Europe/Berlin", "500m", "2GiB", "-2GiB", "b", "g",
    ];

    public static TheoryData<string> Places => new(
        "dag: d\nNAME: VALUE\ntasks: { a: { command: x } }",
        "dag: d\nschedule: { NAME: VALUE }\ntasks: { a: { command: x } }",
        "dag: d\nschedule: { cron: '0 6 * * *', NAME: VALUE }\ntasks: { a: { command: x } }",
        "dag: d\nschedule: { every: 5m, NAME: VALUE }\ntasks: { a: { command: x } }",
        "dag: d\nschedule: '@daily'\nNAME: VALUE\ntasks: { a: { command: x } }",
        "dag: d\nlimits: { NAME: VALUE }\ntasks: { a: { command: x } }",
        "dag: d\nparams: { p: { NAME: VALUE } }\ntasks: { a: { command: x } }",
        "dag: d\nparams: { p: { type: integer, default: 3, NAME: VALUE } }\ntasks: { a: { command: x } }",
        "dag: d\ndatasets: { NAME: VALUE }\ntasks: { a: { command: x } }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\n  a: { NAME: VALUE }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\n  a: { command: x, NAME: VALUE }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\n  a: { command: x, retries: 2, backoff: { NAME: VALUE } }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\n  a: { command: x, map: { NAME: VALUE } }",
        "dag: d\ntasks:\n  a: { command: x, pool: { name: p, NAME: VALUE } }",
        "dag: d\ntasks:\n  a: { command: x, resources: { NAME: VALUE } }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\n  a: { sensor: s, NAME: VALUE }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\ngroups:\n  g: { NAME: VALUE, tasks: { a: { command: x } } }",
        "dag: d\ntasks:\n  b: { command: ls, returns: list of text }\ngroups:\n  g: { map: { over: b }, tasks: { a: { command: x, NAME: VALUE } } }");

    [Theory]
    [MemberData(nameof(Places))]
    public void Odd_values_are_refused_with_a_place_or_are_of_the_schema(string place)
    {
        var schema = JsonNode.Parse(DagYaml.Schema().ToJsonString())!.AsObject();
        List<string> wrong = [];
        foreach (var name in NamesOf(schema))
        {
            foreach (var value in Values)
            {
                var yaml = place.Replace("NAME", name, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal);
                try
                {
                    DagYaml.Read(yaml, DagCode.Unresolved);
                    if (SchemaCheck.WhyNot(schema, SchemaCheck.JsonOf(yaml)) is { } why)
                    {
                        wrong.Add($"{yaml}\n    is read, but of the schema: {why}");
                    }
                }
                catch (DagYamlException exception)
                {
                    Assert.True(exception is { Line: > 0, Column: > 0 }, yaml);
                }
#pragma warning disable CA1031 // That no other error comes is what is tested.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    wrong.Add($"{yaml}\n    throws {exception.GetType().Name}: {exception.Message}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)) + $"\n{wrong.Count} in all");
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    public void A_text_without_a_dag_is_refused(string yaml) =>
        Assert.Contains("there is no DAG", Assert.Throws<DagYamlException>(() => DagYaml.Read(yaml)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void A_text_that_is_nested_too_deeply_is_refused(char bracket) => Assert.Contains(
        "nested",
        Assert.Throws<DagYamlException>(
            () => DagYaml.Read("dag: d\ntags: " + string.Concat(Enumerable.Repeat(bracket == '[' ? "[" : "{a: ", 100_000)))).Message,
        StringComparison.Ordinal);

    private static HashSet<string> NamesOf(JsonNode? node) => node switch
    {
        JsonObject schema =>
        [
            .. (schema["properties"] as JsonObject ?? []).Select(property => property.Key),
            .. schema.SelectMany(property => NamesOf(property.Value)),
        ],
        JsonArray list => [.. list.SelectMany(NamesOf)],
        _ => [],
    };
}
