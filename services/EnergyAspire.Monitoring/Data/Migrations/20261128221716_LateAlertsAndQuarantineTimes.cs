using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class LateAlertsAndQuarantineTimes : Migration
    {
        // As ingest decides it from now on.
        private const string MarkLateAlerts = """
            update alerts set is_late = true
            from device_replicas device
            where device.id = alerts.device_id
                and alerts.raised_at > alerts.hour_start + interval '2 hours' + device.reporting_interval_seconds * interval '1 second'
            """;

        // Readings from the future wait for their time, which is in their bytes. What can't be read here stays without, and so do readings that
        // were refused for another reason: theirs is read when they are tried again.
        private const string ReadQuarantinedTimes = """
            create function pg_temp.reading_time(body bytea) returns timestamptz language plpgsql as $$
            begin
                return (convert_from(body, 'UTF8')::json ->> 'timestamp')::timestamptz;
            exception when others then
                return null;
            end $$;
            update quarantined_readings set timestamp = pg_temp.reading_time(body) where reason = 'future';
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "user_replicas",
                type: "text",
                nullable: false,
                collation: "names",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "timestamp",
                table: "quarantined_readings",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "device_replicas",
                type: "text",
                nullable: false,
                collation: "names",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<bool>(
                name: "is_late",
                table: "alerts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "applied_retention",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    retention = table.Column<TimeSpan>(type: "interval", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_applied_retention", x => x.id);
                });

            // Before the indexes are built, which would have to follow every change.
            migrationBuilder.Sql(ReadQuarantinedTimes);

            migrationBuilder.CreateIndex(
                name: "ix_user_replicas_username_id",
                table: "user_replicas",
                columns: new[] { "username", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_quarantined_readings_device_id_timestamp",
                table: "quarantined_readings",
                columns: new[] { "device_id", "timestamp" });

            migrationBuilder.CreateIndex(
                name: "ix_quarantined_readings_timestamp",
                table: "quarantined_readings",
                column: "timestamp",
                filter: "reason = 'future' and discarded_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_device_replicas_name_id",
                table: "device_replicas",
                columns: new[] { "name", "id" });

            migrationBuilder.Sql(MarkLateAlerts);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "applied_retention");

            migrationBuilder.DropIndex(
                name: "ix_user_replicas_username_id",
                table: "user_replicas");

            migrationBuilder.DropIndex(
                name: "ix_quarantined_readings_device_id_timestamp",
                table: "quarantined_readings");

            migrationBuilder.DropIndex(
                name: "ix_quarantined_readings_timestamp",
                table: "quarantined_readings");

            migrationBuilder.DropIndex(
                name: "ix_device_replicas_name_id",
                table: "device_replicas");

            migrationBuilder.DropColumn(
                name: "timestamp",
                table: "quarantined_readings");

            migrationBuilder.DropColumn(
                name: "is_late",
                table: "alerts");

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "user_replicas",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldCollation: "names");

            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "device_replicas",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldCollation: "names");

            migrationBuilder.AlterDatabase()
                .OldAnnotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");
        }
    }
}
