namespace DataPlatform.Orchestrator.Yaml;

/// <summary>A name that a mapping may have: its type in the schema, and what reading it does.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type, see <see cref="DagSchema"/>.</param>
/// <param name="Apply">Takes the value.</param>
internal sealed record YamlProperty<T>(string Name, string Type, Action<T, YamlPlace> Apply);
