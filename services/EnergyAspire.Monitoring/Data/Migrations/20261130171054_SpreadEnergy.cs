using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class SpreadEnergy : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "spread_count",
                table: "hourly_consumption",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            // The table of raw readings is no entity.
            migrationBuilder.AddColumn<int>(
                name: "spread_seconds",
                table: "readings",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "spread_count",
                table: "hourly_consumption");

            migrationBuilder.DropColumn(
                name: "spread_seconds",
                table: "readings");
        }
    }
}
