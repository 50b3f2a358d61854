using System;
using EnergyAspire.Data.Audit;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class PartitionedHoursAlertsAndAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            PartitionHours(migrationBuilder);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "discarded_at",
                table: "quarantined_readings",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "alerts",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hour_start = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    energy = table.Column<long>(type: "bigint", nullable: false),
                    projected = table.Column<long>(type: "bigint", nullable: false),
                    limit_energy = table.Column<long>(type: "bigint", nullable: false),
                    raised_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    acknowledged_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    acknowledged_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_alerts", x => new { x.device_id, x.hour_start, x.kind });
                });

            migrationBuilder.CreateTable(
                name: "audit_records",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    actor_id = table.Column<Guid>(type: "uuid", nullable: true),
                    actor = table.Column<string>(type: "text", nullable: false),
                    address = table.Column<string>(type: "text", nullable: true),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    device_id = table.Column<Guid>(type: "uuid", nullable: true),
                    before = table.Column<string>(type: "jsonb", nullable: true),
                    after = table.Column<string>(type: "jsonb", nullable: true),
                    trace_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_records", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outbox_messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    aggregate = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    event_type = table.Column<string>(type: "text", nullable: false),
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    body = table.Column<string>(type: "jsonb", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox_messages", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_quarantined_readings_reason_id",
                table: "quarantined_readings",
                columns: new[] { "reason", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_alerts_id",
                table: "alerts",
                column: "id");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_action_id",
                table: "audit_records",
                columns: new[] { "action", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_at",
                table: "audit_records",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_device_id_id",
                table: "audit_records",
                columns: new[] { "device_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_user_id_id",
                table: "audit_records",
                columns: new[] { "user_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_aggregate_version",
                table: "outbox_messages",
                columns: new[] { "aggregate", "version" },
                unique: true);

            migrationBuilder.MakeAuditAppendOnly();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "alerts");

            migrationBuilder.DropTable(
                name: "audit_records");

            migrationBuilder.DropTable(
                name: "outbox_messages");

            migrationBuilder.DropIndex(
                name: "ix_quarantined_readings_reason_id",
                table: "quarantined_readings");

            migrationBuilder.DropColumn(
                name: "discarded_at",
                table: "quarantined_readings");

            migrationBuilder.Sql("drop function refuse_audit_change()");

            migrationBuilder.Sql("""
                alter table hourly_consumption rename to partitioned_hours;
                alter index pk_hourly_consumption rename to pk_partitioned_hours;
                create table hourly_consumption (
                    device_id uuid not null,
                    hour_start timestamptz not null,
                    energy bigint not null,
                    reading_count integer not null,
                    constraint pk_hourly_consumption primary key (device_id, hour_start)
                ) with (fillfactor = 50);
                insert into hourly_consumption select * from partitioned_hours;
                drop table partitioned_hours;
                """);
        }

        /// <summary>EF Core has no partitioned tables. The partitions, a UTC month each, are made by ReadingPartitions.</summary>
        private static void PartitionHours(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            alter table hourly_consumption rename to whole_hours;
            alter index pk_hourly_consumption rename to pk_whole_hours;
            create table hourly_consumption (
                device_id uuid not null,
                hour_start timestamptz not null,
                energy bigint not null,
                reading_count integer not null,
                constraint pk_hourly_consumption primary key (device_id, hour_start)
            ) partition by range (hour_start);
            do $$
            declare
                month timestamp;
            begin
                for month in select distinct date_trunc('month', hour_start at time zone 'UTC') from whole_hours loop
                    execute format(
                        'create table %I partition of hourly_consumption for values from (%L) to (%L) with (fillfactor = 50)',
                        'hourly_consumption_' || to_char(month, 'YYYYMM'), month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
                end loop;
            end $$;
            insert into hourly_consumption select * from whole_hours;
            drop table whole_hours;
            """);
    }
}
