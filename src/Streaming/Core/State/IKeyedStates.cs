using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>Where a function declares its state, once, when it opens. Each state belongs to the key of the record or timer at hand.</summary>
public interface IKeyedStates
{
    /// <summary>One value a key.</summary>
    /// <typeparam name="T">The value; it needs a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    /// <param name="ttl">Its lifetime; null for ever.</param>
    IValueState<T> Value<T>(string name, StateTtl? ttl = null);

    /// <summary>A list a key.</summary>
    /// <typeparam name="T">The items; they need a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    /// <param name="ttl">The lifetime of each item; null for ever.</param>
    IListState<T> List<T>(string name, StateTtl? ttl = null);

    /// <summary>A map a key.</summary>
    /// <typeparam name="TUserKey">The map's keys; they need a serialiser.</typeparam>
    /// <typeparam name="TValue">The map's values; they need a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    /// <param name="ttl">The lifetime of each entry; null for ever.</param>
    IMapState<TUserKey, TValue> Map<TUserKey, TValue>(string name, StateTtl? ttl = null)
        where TUserKey : notnull;

    /// <summary>One value a key that each addition is folded into.</summary>
    /// <typeparam name="T">The value; it needs a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    /// <param name="reduce">Folds an addition into the value.</param>
    /// <param name="ttl">Its lifetime; null for ever.</param>
    IReducingState<T> Reducing<T>(string name, Func<T, T, T> reduce, StateTtl? ttl = null);

    /// <summary>One accumulator a key.</summary>
    /// <typeparam name="TIn">The additions.</typeparam>
    /// <typeparam name="TAccumulator">The accumulator; it needs a serialiser.</typeparam>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    /// <param name="aggregate">Adds up.</param>
    /// <param name="ttl">Its lifetime; null for ever.</param>
    IAggregatingState<TIn, TResult> Aggregating<TIn, TAccumulator, TResult>(
        string name, IAggregateFunction<TIn, TAccumulator, TResult> aggregate, StateTtl? ttl = null);
}

/// <summary>One value of the key at hand.</summary>
/// <typeparam name="T">The value.</typeparam>
public interface IValueState<T>
{
    /// <summary>Reads the value.</summary>
    /// <param name="value">The value; the type's default when there is none.</param>
    /// <returns>False when there is none, or it has expired.</returns>
    bool TryGet(out T value);

    /// <summary>Sets the value.</summary>
    /// <param name="value">The new value.</param>
    void Update(T value);

    /// <summary>Removes the value.</summary>
    void Clear();
}

/// <summary>A list of the key at hand.</summary>
/// <typeparam name="T">The items.</typeparam>
public interface IListState<T>
{
    /// <summary>The items in the order in which they were added; a copy.</summary>
    IReadOnlyList<T> Items();

    /// <summary>Adds an item.</summary>
    /// <param name="item">The item.</param>
    void Add(T item);

    /// <summary>Replaces all items.</summary>
    /// <param name="items">The new items.</param>
    void Update(IEnumerable<T> items);

    /// <summary>Removes all items.</summary>
    void Clear();
}

/// <summary>A map of the key at hand.</summary>
/// <typeparam name="TUserKey">Its keys.</typeparam>
/// <typeparam name="TValue">Its values.</typeparam>
public interface IMapState<TUserKey, TValue>
    where TUserKey : notnull
{
    /// <summary>Reads an entry.</summary>
    /// <param name="userKey">The entry's key.</param>
    /// <param name="value">Its value; the type's default when there is none.</param>
    /// <returns>False when there is none, or it has expired.</returns>
    bool TryGet(TUserKey userKey, out TValue value);

    /// <summary>Sets an entry.</summary>
    /// <param name="userKey">The entry's key.</param>
    /// <param name="value">Its value.</param>
    void Put(TUserKey userKey, TValue value);

    /// <summary>Removes an entry.</summary>
    /// <param name="userKey">The entry's key.</param>
    /// <returns>False when there was none.</returns>
    bool Remove(TUserKey userKey);

    /// <summary>The live entries, in no particular order; a copy.</summary>
    IReadOnlyList<KeyValuePair<TUserKey, TValue>> Entries();

    /// <summary>Removes all entries.</summary>
    void Clear();
}

/// <summary>A value of the key at hand that additions are folded into.</summary>
/// <typeparam name="T">The value.</typeparam>
public interface IReducingState<T>
{
    /// <summary>Reads the value.</summary>
    /// <param name="value">The value; the type's default when nothing was added.</param>
    /// <returns>False when nothing was added, or it has expired.</returns>
    bool TryGet(out T value);

    /// <summary>Folds a value in.</summary>
    /// <param name="value">The addition.</param>
    void Add(T value);

    /// <summary>Forgets what was added.</summary>
    void Clear();
}

/// <summary>An accumulator of the key at hand.</summary>
/// <typeparam name="TIn">The additions.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public interface IAggregatingState<in TIn, TResult>
{
    /// <summary>Reads the result.</summary>
    /// <param name="result">The result; the type's default when nothing was added.</param>
    /// <returns>False when nothing was added, or it has expired.</returns>
    bool TryGet(out TResult result);

    /// <summary>Adds a value.</summary>
    /// <param name="value">The addition.</param>
    void Add(TIn value);

    /// <summary>Forgets what was added.</summary>
    void Clear();
}
