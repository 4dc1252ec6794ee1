namespace DataPlatform.Streaming.Operators;

/// <summary>Takes the results of a user function.</summary>
/// <typeparam name="T">The results' type.</typeparam>
public interface ICollector<in T>
{
    /// <summary>Adds a result; it gets the event time of the record that is being processed.</summary>
    /// <param name="record">The result.</param>
    void Collect(T record);
}
