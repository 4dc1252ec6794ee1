namespace DataPlatform.Streaming.Time;

/// <summary>A timer of a key, in a namespace: a window, or nothing.</summary>
internal readonly record struct KeyedTimer<TKey, TNamespace>(long TimeMs, TKey Key, int Hash, TNamespace Namespace);

/// <summary>
/// Timers of one time domain. At most one for each key, namespace and time; due ones fire in the order of time. Among equal times the order
/// is that of no promise. They are state of their key's group.
/// </summary>
internal abstract class KeyedTimers<TKey, TNamespace>
    where TKey : notnull
{
    /// <summary>The time of the next timer, or null. There may turn out to be none at that time: it was taken back.</summary>
    public abstract long? NextMs { get; }

    /// <returns>False when there is such a timer already.</returns>
    public abstract bool Register(KeyedTimer<TKey, TNamespace> timer);

    public abstract bool Delete(KeyedTimer<TKey, TNamespace> timer);

    /// <summary>Takes the next timer at or before a time.</summary>
    public abstract bool TryTakeDue(long nowMs, out KeyedTimer<TKey, TNamespace> timer);
}
