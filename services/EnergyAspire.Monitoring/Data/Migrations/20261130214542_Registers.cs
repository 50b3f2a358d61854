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

            migrationBuilder.CreateIndex(
                name: "ix_readings_long_spreads",
                table: "readings",
                column: "timestamp",
                filter: "spread_seconds > 86400");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "register_value",
                table: "quarantined_readings");

            migrationBuilder.DropColumn(
                name: "register_digits",
                table: "device_replicas");

            migrationBuilder.DropIndex(
                name: "ix_readings_long_spreads",
                table: "readings");

            migrationBuilder.DropColumn(
                name: "register_value",
                table: "readings");

            migrationBuilder.DropColumn(
                name: "register_decision",
                table: "readings");
        }
    }
}
