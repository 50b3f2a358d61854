namespace EnergyAspire.Import.Old;

/// <summary>Row of <c>users</c> in the replaced system's <c>auth_db</c>.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name; unique by its exact characters.</param>
/// <param name="Password">Hash in Django's format.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>; the database doesn't check it.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="IsActive">False when the installation has a column <c>is_active</c> that says so.</param>
internal sealed record OldAccount(Guid Id, string Username, string Password, string Role, DateTimeOffset CreatedAt, bool IsActive);

/// <summary>Row of <c>users</c> in the replaced system's <c>user_db</c>.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Fname">First name, may be empty.</param>
/// <param name="Lname">Last name, may be empty.</param>
/// <param name="Email">E-mail address, may be empty; unique by its exact characters.</param>
/// <param name="Phone">Phone number; null or empty when not given.</param>
internal sealed record OldProfile(Guid Id, string Username, string Fname, string Lname, string Email, string? Phone);

/// <summary>Row of <c>devices</c> in the replaced system's <c>device_db</c>.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text; null when not given.</param>
/// <param name="MaxConsumption">Limit in kWh per hour.</param>
/// <param name="Price">Price per kWh.</param>
/// <param name="CreatedAt">When it was registered.</param>
internal sealed record OldDevice(Guid Id, string Name, string? Description, decimal MaxConsumption, decimal Price, DateTimeOffset CreatedAt);

/// <summary>Row of <c>user_device_mapping</c> in the replaced system's <c>device_db</c>.</summary>
/// <param name="Id">Id of the assignment.</param>
/// <param name="UserId">Account.</param>
/// <param name="DeviceId">Device.</param>
/// <param name="AssignedAt">When it was assigned.</param>
internal sealed record OldMapping(Guid Id, Guid UserId, Guid DeviceId, DateTimeOffset AssignedAt);

/// <summary>Row of <c>device_measurements</c> in the replaced system's <c>monitoring_db</c>.</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="DeviceId">Device; the database doesn't check that it exists.</param>
/// <param name="Timestamp">Start of the interval.</param>
/// <param name="Value">Energy in kWh, any number.</param>
/// <param name="CreatedAt">When it arrived.</param>
internal readonly record struct OldMeasurement(Guid Id, Guid DeviceId, DateTimeOffset Timestamp, double Value, DateTimeOffset CreatedAt);

/// <summary>Row of <c>hourly_energy_consumption</c> in the replaced system's <c>monitoring_db</c>.</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="Date">Date of the timestamps as the meters wrote them.</param>
/// <param name="Hour">Hour of the timestamps as the meters wrote them, 0 to 23.</param>
/// <param name="Total">Energy in kWh.</param>
/// <param name="Count">How many readings were added, repeated ones included.</param>
internal sealed record OldHour(Guid Id, DateOnly Date, int Hour, double Total, int Count);
