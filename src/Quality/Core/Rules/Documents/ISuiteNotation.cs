namespace DataPlatform.Quality.Rules.Documents;

/// <summary>A way to write suites as text.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface ISuiteNotation
{
    /// <summary>Its name: <c>json</c> or <c>yaml</c>.</summary>
    string Name { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="SuiteSyntaxException">The text is not in this notation.</exception>
    SuiteSource Parse(string text);

    /// <summary>Writes a document.</summary>
    /// <param name="json">The document as JSON.</param>
    string Write(string json);
}
