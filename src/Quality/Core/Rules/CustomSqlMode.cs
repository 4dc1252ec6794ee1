namespace DataPlatform.Quality.Rules;

/// <summary>How the result of a custom SQL rule is read.</summary>
public enum CustomSqlMode
{
    /// <summary>The first column of the only row is the number of violations; 0 passes.</summary>
    Count,

    /// <summary>The first column of the only row is a truth value; true passes.</summary>
    Boolean,

    /// <summary>Every row returned is a violation and can be shown as a sample; none passes.</summary>
    Rows,
}
