namespace DataPlatform.Quality.Web.Views;

/// <summary>A field of the form of a rule.</summary>
/// <param name="Name">The property.</param>
/// <param name="Type"><c>text</c>, <c>number</c>, <c>value</c>, <c>list</c> or <c>flag</c>.</param>
/// <param name="IsDemanded">Whether a rule of the kind must have it.</param>
/// <param name="Values">The values it may have; empty for any.</param>
/// <param name="IsTextOnly">Whether the items of a list are texts, whatever they look like.</param>
public sealed record RuleField(string Name, string Type, bool IsDemanded, IReadOnlyList<string> Values, bool IsTextOnly = false);
