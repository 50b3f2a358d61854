using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class ReplicaVersions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "token_generation",
                table: "user_replicas",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "state_version",
                table: "device_replicas",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            // A tombstone shows the values of the version before, unless none had come.
            migrationBuilder.Sql("""
                update device_replicas
                set state_version = case when not is_deleted then version when name = '' then 0 else version - 1 end
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "token_generation",
                table: "user_replicas");

            migrationBuilder.DropColumn(
                name: "state_version",
                table: "device_replicas");
        }
    }
}
