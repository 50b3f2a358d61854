using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class AlertsByHour : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_alerts_hour_start_id",
                table: "alerts",
                columns: new[] { "hour_start", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_alerts_hour_start_id",
                table: "alerts");
        }
    }
}
