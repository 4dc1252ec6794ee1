using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming;

/// <summary>A stream whose records are brought together by key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The records.</typeparam>
public sealed class KeyedStream<TKey, T>
    where TKey : notnull
{
    internal KeyedStream(DataStream<T> stream, Func<T, TKey> keySelector, IStateSerializer<TKey> keySerializer)
    {
        Stream = stream;
        KeySelector = keySelector;
        KeySerializer = keySerializer;
    }

    internal DataStream<T> Stream { get; }

    internal Func<T, TKey> KeySelector { get; }

    internal IStateSerializer<TKey> KeySerializer { get; }

    internal Partitioning<T> Partitioning => new KeyPartitioning<T, TKey>(KeySelector, KeySerializer);

    /// <summary>Cuts the stream of each key into windows.</summary>
    /// <param name="windows">How.</param>
    public WindowedStream<TKey, T> Window(SlidingWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new WindowedStream<TKey, T>(this, windows, 0, null);
    }
}
