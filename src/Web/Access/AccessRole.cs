namespace DataPlatform.Web.Access;

/// <summary>What a caller may do. A later role may do all that an earlier one may.</summary>
public enum AccessRole
{
    /// <summary>Looks at everything and changes nothing.</summary>
    Viewer = 0,

    /// <summary>Also starts, stops, clears and pauses.</summary>
    Operator = 1,

    /// <summary>Also changes settings that outlive a run: pools and the like.</summary>
    Admin = 2,
}
