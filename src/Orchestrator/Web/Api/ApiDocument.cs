namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>Its presence among the services says that the API's description is registered.</summary>
internal sealed class ApiDocument;
