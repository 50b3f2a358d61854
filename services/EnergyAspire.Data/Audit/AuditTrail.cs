using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace EnergyAspire.Data.Audit;

/// <summary>Writes audit records in the transaction of the change that they are about.</summary>
public static class AuditTrail
{
    /// <summary>JSON settings of states, with the same names as in the API.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Adds the audit table to a model.</summary>
    public static ModelBuilder AddAudit(this ModelBuilder model) => model.Entity<AuditRecord>(record =>
    {
        record.ToTable("audit_records");
        record.HasKey(r => r.Id);
        record.Property(r => r.Id).ValueGeneratedNever();
        record.Property(r => r.Before).HasColumnType("jsonb");
        record.Property(r => r.After).HasColumnType("jsonb");
        record.HasIndex(r => new { r.ActorId, r.Id });
        record.HasIndex(r => new { r.UserId, r.Id });
        record.HasIndex(r => new { r.DeviceId, r.Id });
        record.HasIndex(r => new { r.Action, r.Id });
        record.HasIndex(r => r.At);
    });

    /// <summary>Adds a trigger that rejects changes of audit records. Call it in the migration that creates the table.</summary>
    public static void MakeAuditAppendOnly(this MigrationBuilder migration) => migration.Sql("""
        create function refuse_audit_change() returns trigger language plpgsql as $$
        begin
            raise exception 'Audit records can only be added.';
        end $$;
        create trigger audit_is_append_only before update or delete or truncate on audit_records
            for each statement execute function refuse_audit_change();
        """);

    /// <summary>Returns who makes the current request.</summary>
    public static AuditActor Actor(this HttpContext http)
    {
        var account = Guid.TryParse(http.User.FindFirst("sub")?.Value, out var id) ? id : (Guid?)null;
        var name = http.User.FindFirst("username")?.Value ?? http.User.FindFirst("sub")?.Value ?? "";

        return new AuditActor(account, name, http.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Adds a record to the context; <c>SaveChanges</c> commits it together with the change.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="action">What happened, in snake_case.</param>
    /// <param name="at">When.</param>
    /// <param name="userId">Account that was affected.</param>
    /// <param name="deviceId">Device that was affected.</param>
    /// <param name="before">State before, without secrets.</param>
    /// <param name="after">State after, without secrets.</param>
    public static void Audit(
        this DbContext db, AuditActor actor, string action, DateTimeOffset at, Guid? userId = null, Guid? deviceId = null,
        object? before = null, object? after = null) => db.Add(new AuditRecord
        {
            Id = Guid.CreateVersion7(at),
            At = at,
            Action = action,
            ActorId = actor.Id,
            Actor = actor.Name,
            Address = actor.Address,
            UserId = userId,
            DeviceId = deviceId,
            Before = before is null ? null : JsonSerializer.Serialize(before, Json),
            After = after is null ? null : JsonSerializer.Serialize(after, Json),
            TraceId = Activity.Current?.TraceId.ToString(),
        });
}
