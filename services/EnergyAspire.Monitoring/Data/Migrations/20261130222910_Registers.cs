using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class Registers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(
                name: "register_decision",
                table: "quarantined_readings",
                type: "smallint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "register_value",
                table: "quarantined_readings",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "register_digits",
                table: "device_replicas",
                type: "integer",
                nullable: true);

            // The table of raw readings is no entity.
            migrationBuilder.AddColumn<long>(
                name: "register_value",
                table: "readings",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "register_decision",
                table: "readings",
                type: "smallint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "long_spreads",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    timestamp = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_long_spreads", x => new { x.device_id, x.timestamp });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "long_spreads");

            migrationBuilder.DropColumn(
                name: "register_value",
                table: "readings");

            migrationBuilder.DropColumn(
                name: "register_decision",
                table: "readings");

            migrationBuilder.DropColumn(
                name: "register_decision",
                table: "quarantined_readings");

            migrationBuilder.DropColumn(
                name: "register_value",
                table: "quarantined_readings");

            migrationBuilder.DropColumn(
                name: "register_digits",
                table: "device_replicas");
        }
    }
}
