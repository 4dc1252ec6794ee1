namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>Something in a configuration file that has no effect.</summary>
/// <param name="Line">The line it stands on, from 1; 0 where that is not known.</param>
/// <param name="Text">What it is, and why it has no effect.</param>
public readonly record struct ConfigurationNote(int Line, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"line {Line}: {Text}" : Text;
}
