using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class AuditByActor : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_audit_records_actor_id_id",
                table: "audit_records",
                columns: new[] { "actor_id", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_audit_records_actor_id_id",
                table: "audit_records");
        }
    }
}
