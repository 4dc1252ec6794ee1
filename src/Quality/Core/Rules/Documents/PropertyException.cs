using DataPlatform.Kernel;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>A property of a document cannot be used.</summary>
/// <param name="property">Its name.</param>
/// <param name="message">What is wrong with it.</param>
internal sealed class PropertyException(string property, string message) : QualityException(ErrorKind.Invalid, message)
{
    /// <summary>The property's name.</summary>
    public string Property { get; } = property;
}
